import { EventEmitter } from 'node:events';
import type { Response } from 'express';
import type { LiveAccess } from '../api/live-access';
import { Semaphore } from '../common/semaphore';
import type { EventFeed } from './event-feed';
import { EventStream } from './event-stream';
import type { EventLog } from './event-log';
import type { LogTail, TailedEvent } from './log-tail';

const ACCESS: LiveAccess = { expiresAt: Infinity, isGranted: () => Promise.resolve(true) };

/** A response whose client reads nothing until the test drains it. */
class UnreadResponse extends EventEmitter {
  readonly written: string[] = [];
  writableNeedDrain = false;
  hasEnded = false;
  isDestroyed = false;

  write(chunk: string): boolean {
    this.written.push(chunk);
    this.writableNeedDrain = chunk.includes('event');
    return !this.writableNeedDrain;
  }

  end(): void {
    this.hasEnded = true;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  drain(): void {
    this.writableNeedDrain = false;
    this.emit('drain');
  }
}

describe('EventStream', () => {
  let response: UnreadResponse;
  let events: TailedEvent[];
  let hasTail: boolean;
  let stream: EventStream;

  beforeEach(() => {
    response = new UnreadResponse();
    hasTail = true;
    events = Array.from({ length: 250 }, (_, index) => ({
      position: index + 1,
      userId: (index % 2) + 1,
      text: `event ${index + 1};`,
    }));
    const tail = {
      get latest() {
        return events.length;
      },
      after: (position: number) => (hasTail ? events.slice(position) : undefined),
    };
    const sources = {
      tail: tail as unknown as LogTail,
      // A database that does not respond.
      log: { page: () => new Promise(() => undefined) } as unknown as EventLog,
      feed: {} as EventFeed,
      olderReads: new Semaphore(0, () => new Error('Too long'), 4),
    };
    const onError = (error: unknown) => {
      throw error;
    };
    stream = new EventStream(
      response as unknown as Response,
      sources,
      undefined,
      ACCESS,
      0,
      onError,
    );
  });

  /** Lets the stream go on after what it has waited for. */
  const settle = () => new Promise((resolve) => setImmediate(resolve));

  const received = () =>
    Array.from(response.written.join('').matchAll(/event (\d+);/g), ([, n]) => Number(n));

  it('writes 100 events at most, and nothing more until its client has read them', async () => {
    stream.start();
    await settle();
    expect(received()).toHaveLength(100);
    stream.wake();
    stream.comment();
    await settle();
    expect(received()).toHaveLength(100);
    expect(response.written.join('')).not.toContain(':\n\n');
    response.drain();
    await settle();
    expect(received()).toHaveLength(200);
    response.drain();
    await settle();
    response.drain();
    await settle();
    expect(received()).toEqual(events.map(({ position }) => position));
    stream.comment();
    expect(response.written.at(-1)).toBe(':\n\n');
    expect(response.listenerCount('drain')).toBe(0);
  });

  it('stops when its client disconnects, and leaves no listener', async () => {
    stream.start();
    await settle();
    response.emit('close');
    await settle();
    stream.wake();
    stream.end();
    await settle();
    expect(received()).toHaveLength(100);
    expect(response.eventNames()).toEqual([]);
    expect(response.hasEnded || response.isDestroyed).toBe(false);
  });

  it('is destroyed when its client does not read', async () => {
    stream.start();
    await settle();
    stream.end();
    expect(response).toMatchObject({ hasEnded: false, isDestroyed: true });
  });

  it('is ended once, after what it has written, when its client has read everything', async () => {
    events.length = 0;
    stream.start();
    await settle();
    const end = jest.spyOn(response, 'end');
    stream.end();
    stream.end();
    stream.comment();
    events.push({ position: 1, userId: 1, text: 'event 1;' });
    stream.wake();
    await settle();
    expect(response).toMatchObject({ hasEnded: true, isDestroyed: false });
    expect(end).toHaveBeenCalledTimes(1);
    expect(response.written).toHaveLength(1);
  });

  it('sends comments while it reads older events from a database that does not respond', async () => {
    hasTail = false;
    stream.start();
    await settle();
    stream.wake();
    stream.comment();
    expect(response.written.at(-1)).toBe(':\n\n');
  });

  it('sends what came while it was busy', async () => {
    stream.start();
    await settle();
    events.push({ position: 251, userId: 1, text: 'event 251;' });
    stream.skip(250, 251);
    for (let n = 0; n < 3; n++) {
      response.drain();
      await settle();
    }
    expect(received()).toEqual(events.map(({ position }) => position));
  });
});
