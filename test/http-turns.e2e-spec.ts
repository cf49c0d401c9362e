import { RawConnection, rawGet } from './support/raw-connection';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';

const CONNECTIONS = 100;

describe('connections that are opened together', () => {
  const app = TestApp.forSuite();

  afterEach(() => jest.restoreAllMocks());

  it('get their first responses before the others have had many', async () => {
    // On a busy machine, requests would not wait for all connections.
    jest.spyOn(performance, 'now').mockReturnValue(performance.now());
    const responses = new Map<RawConnection, number>();
    let served = 0;
    let areAllServed = false;
    const request = rawGet('', '/health/live');
    const connections = Array.from({ length: CONNECTIONS }, () => {
      const connection = RawConnection.open(app.api.url);
      responses.set(connection, 0);
      connection.socket.on('data', () => {
        responses.set(connection, responses.get(connection)! + 1);
        served++;
        areAllServed ||= [...responses.values()].every((count) => count > 0);
        if (areAllServed) connection.socket.destroy();
        else connection.send(request);
      });
      connection.send(request);
      return connection;
    });
    await waitUntil(() => areAllServed);
    for (const { socket } of connections) socket.destroy();
    // Accepted one in a pass of the event loop, that serves all others, they would get about 5,000.
    expect(served).toBeLessThan(10 * CONNECTIONS);
  });
});
