import { Writable } from 'node:stream';
import { setImmediate as nextPass } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Response } from 'express';
import { Download } from '../api/download';
import { sendDownload } from './send-download';

const NOTHING = Infinity;

/** A response whose client takes so long for each chunk. */
class FakeResponse extends Writable {
  readonly headers: Record<string, string> = {};
  written = '';

  constructor(
    private readonly readMs: number,
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

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error) => void): void {
    this.written += chunk.toString('latin1', 0, 100);
    if (this.readMs === 0) callback();
    else if (this.readMs < NOTHING) setTimeout(callback, this.readMs);
  }
}

describe('sendDownload', () => {
  let created: number;

  beforeEach(() => (created = 0));

  async function* chunks() {
    while (created < 3) yield `${await Promise.resolve(++created)} `;
  }

  async function* endless(chunk: string) {
    for (;;) {
      created++;
      yield await Promise.resolve(chunk);
    }
  }

  const send = (response: FakeResponse, of: AsyncIterable<string> = chunks()) =>
    sendDownload(response as unknown as Response, new Download('text/csv', 'orders.csv', of));

  it('sends the chunks, and ends the response', async () => {
    const response = new FakeResponse(0);
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
    const response = new FakeResponse(0);
    prepare(response);
    await send(response);
    expect(created).toBe(0);
    expect(response.headers).toEqual({});
  });

  it('ends without an error when the client disconnects during a write', async () => {
    const response = new FakeResponse(0);
    response.on('error', () => undefined); // the server listens for it
    response._write = (_chunk, _encoding, callback) => callback(new Error('write ECANCELED'));
    await expect(send(response)).resolves.toBeUndefined();
    expect(response.destroyed).toBe(true);
    expect(created).toBe(1);
  });

  it('fails with the error of creating the file', async () => {
    const error = new Error('The database is down');
    // oxlint-disable-next-line require-yield -- it fails before
    async function* broken(): AsyncGenerator<string> {
      throw await Promise.resolve(error);
    }
    await expect(send(new FakeResponse(0), broken())).rejects.toBe(error);
  });

  describe('to a slow client', () => {
    let warn: jest.SpyInstance;

    beforeEach(() => {
      warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation();
      jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    });

    afterEach(() => {
      jest.useRealTimers();
      warn.mockRestore();
    });

    /** Lets time pass in steps, each with some passes of the event loop. */
    async function pass(seconds: number, step = 1) {
      for (let second = 0; second < seconds; second += step) {
        await jest.advanceTimersByTimeAsync(step * 1_000);
        for (let turn = 0; turn < 5; turn++) await nextPass();
      }
    }

    const expectCut = async (response: FakeResponse, sending: Promise<void>) => {
      await sending;
      expect(response.destroyed).toBe(true);
      expect(warn).toHaveBeenCalledWith(expect.stringContaining('A download was cut'));
    };

    it('is cut after a minute without reading', async () => {
      const response = new FakeResponse(NOTHING);
      const sending = send(response);
      await pass(60);
      expect(response.destroyed).toBe(false);
      await pass(1);
      await expectCut(response, sending);
      expect(created).toBe(1);
    });

    it('is cut when the client reads less than 64 KB per second for long', async () => {
      const response = new FakeResponse(4_000);
      const sending = send(response, endless('x'.repeat(131_072)));
      await pass(115);
      expect(response.destroyed).toBe(false);
      await pass(10);
      await expectCut(response, sending);
      expect(created).toBeLessThan(35);
    });

    it('is cut when a client that was fast becomes slow', async () => {
      const response = new FakeResponse(1);
      async function* becomingSlow() {
        for (let n = 0; n < 200; n++) yield await Promise.resolve('x'.repeat(1_000_000));
        Object.assign(response, { readMs: NOTHING });
        yield 'the last one';
      }
      const sending = send(response, becomingSlow());
      for (let n = 0; n < 250; n++) await pass(0.001, 0.001);
      expect(response.destroyed).toBe(false);
      await pass(61);
      await expectCut(response, sending);
    });

    it('is not cut while the server searches, or creates short chunks', async () => {
      const response = new FakeResponse(0);
      async function* slow() {
        yield 'header';
        for (let n = 0; n < 5; n++) {
          await new Promise((resolve) => setTimeout(resolve, 50_000));
          yield '';
        }
        yield 'end';
      }
      const sending = send(response, slow());
      await pass(260);
      await sending;
      expect(response.written).toBe('headerend');
      expect(warn).not.toHaveBeenCalled();
    });

    it('is cut after half an hour, however much the client has read', async () => {
      const response = new FakeResponse(60_000);
      const sending = send(response, endless('x'.repeat(60 * 65_536)));
      await pass(29 * 60, 60);
      await pass(59, 59);
      expect(response.destroyed).toBe(false);
      await pass(1);
      await expectCut(response, sending);
    });
  });
});
