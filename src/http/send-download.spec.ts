import { Writable } from 'node:stream';
import { Logger } from '@nestjs/common';
import type { Response } from 'express';
import { Download } from '../api/download';
import { sendDownload } from './send-download';

/** A response whose client reads nothing, or everything. */
class FakeResponse extends Writable {
  readonly headers: Record<string, string> = {};
  written = '';

  constructor(
    private readonly isRead: boolean,
    readonly req: { readonly method: string } = { method: 'GET' },
  ) {
    super({ highWaterMark: 1 });
  }

  get headersSent(): boolean {
    return this.written !== '';
  }

  setHeader(name: string, value: string): void {
    this.headers[name] = value;
  }

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.written += chunk.toString();
    if (this.isRead) callback();
  }
}

describe('sendDownload', () => {
  let created: number;

  beforeEach(() => (created = 0));

  async function* chunks() {
    while (created < 3) yield `${await Promise.resolve(++created)} `;
  }

  const send = (response: FakeResponse) =>
    sendDownload(response as unknown as Response, new Download('text/csv', 'orders.csv', chunks()));

  it('sends the chunks, and ends the response', async () => {
    const response = new FakeResponse(true);
    await send(response);
    expect(response.written).toBe('1 2 3 ');
    expect(response.writableEnded).toBe(true);
    expect(response.headers).toEqual({
      'Content-Type': 'text/csv',
      'Content-Disposition': 'attachment; filename="orders.csv"',
      'Cache-Control': 'no-store',
    });
  });

  it.each([
    ['the client has disconnected', (response: FakeResponse) => response.destroy()],
    ['a problem was sent', (response: FakeResponse) => (response.written = 'a problem')],
  ])('creates nothing when %s before', async (_, prepare) => {
    const response = new FakeResponse(true);
    prepare(response);
    await send(response);
    expect(created).toBe(0);
    expect(response.headers).toEqual({});
  });

  it('cuts a download that takes more than half an hour', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const response = new FakeResponse(false);
      const sending = send(response);
      await jest.advanceTimersByTimeAsync(30 * 60_000 - 1);
      expect(response.destroyed).toBe(false);
      await jest.advanceTimersByTimeAsync(1);
      await sending;
      expect(response.destroyed).toBe(true);
      expect(created).toBe(1);
      expect(warn).toHaveBeenCalledWith(expect.stringContaining('A download was cut'));
    } finally {
      jest.useRealTimers();
      warn.mockRestore();
    }
  });
});
