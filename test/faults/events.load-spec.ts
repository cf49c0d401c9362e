import { EventStreamClient } from '../support/event-stream-client';
import { note } from '../support/fault-settings';
import { ServerFleet } from '../support/server-fleet';

describe('streams of events', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_ENABLED: 'false' });

  it('fault 33: 500 end in order at SIGTERM, and the server exits in time', async () => {
    const server = await fleet.start();
    const streams: EventStreamClient[] = [];
    while (streams.length < 500) {
      const user = await server.api.signUp();
      streams.push(
        ...(await Promise.all(Array.from({ length: 5 }, () => EventStreamClient.open(user)))),
      );
    }
    streams[0]!.pause();
    const startedAt = performance.now();
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    const elapsedMs = Math.round(performance.now() - startedAt);
    note(`SIGTERM with 500 streams: exit after ${elapsedMs} ms`);
    expect(elapsedMs).toBeLessThan(5_000);
    for (const stream of streams.slice(1)) await stream.ended();
    // In order: a connection that the end of the process has closed leaves the response incomplete.
    expect(streams.slice(1).filter(({ response }) => !response.complete)).toEqual([]);
  });

  it('bring a commit to a client before the next poll', async () => {
    const server = await fleet.start();
    const user = await server.api.signUp();
    const stream = await EventStreamClient.open(user);
    const delays: number[] = [];
    for (let n = 1; n <= 100; n++) {
      await user.placeOrder();
      const committedAt = performance.now();
      await stream.received(n);
      delays.push(performance.now() - committedAt);
    }
    stream.close();
    const [p50, p95] = [0.5, 0.95].map((q) => delays.toSorted((a, b) => a - b)[q * 100]!);
    note(`commit to receipt: p50 ${p50!.toFixed(0)} ms, p95 ${p95!.toFixed(0)} ms`);
    // By polls alone, half of the events would take longer than 500 ms. The objective, 50 and 250 ms, is that of a
    // machine without other work.
    expect(p50).toBeLessThan(200);
    expect(p95).toBeLessThan(500);
  });
});
