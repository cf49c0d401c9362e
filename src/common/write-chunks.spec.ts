import { Writable } from 'node:stream';
import { setImmediate as nextPass } from 'node:timers/promises';
import { waitUntil } from '../../test/support/wait-until';
import { writeChunks } from './write-chunks';

describe('writeChunks', () => {
  const create = () => {
    const state = { created: 0, accept: [] as (() => void)[], written: '' };
    const stream = new Writable({
      highWaterMark: 1,
      write(chunk, _encoding, callback) {
        state.written += String(chunk);
        state.accept.push(() => callback());
      },
    });
    async function* chunks() {
      for (; state.created < 20; state.created++) yield `${await Promise.resolve(state.created)} `;
    }
    return { state, stream, chunks: chunks() };
  };

  it('creates no chunk for which the reader has no room', async () => {
    const { state, stream, chunks } = create();
    const writing = writeChunks(chunks, stream, new AbortController().signal);
    for (let pass = 0; pass < 100; pass++) await nextPass();
    expect(state.created).toBeLessThanOrEqual(3);
    const accepting = setInterval(() => state.accept.splice(0).forEach((accept) => accept()), 1);
    await writing;
    clearInterval(accepting);
    expect(state.written.trim().split(' ')).toHaveLength(20);
  });

  it('lets other work come between the chunks of a reader that never waits', async () => {
    const { state, chunks } = create();
    const stream = new Writable({ write: (_chunk, _encoding, callback) => callback() });
    let passes = 0;
    const count = () => {
      passes++;
      if (state.created < 20) setImmediate(count);
    };
    setImmediate(count);
    await writeChunks(chunks, stream, new AbortController().signal);
    expect(passes).toBeGreaterThanOrEqual(20);
  });

  it('lets other work come between empty chunks, which it does not write, and ends when aborted', async () => {
    const written: string[] = [];
    const stream = new Writable({
      write: (chunk, _encoding, callback) => {
        written.push(String(chunk));
        callback();
      },
    });
    const abort = new AbortController();
    let created = 0;
    async function* endless() {
      yield 'header ';
      for (; created < 1_000; created++) yield await Promise.resolve('');
    }
    const abortAfter = (passes: number): unknown =>
      passes === 0 ? abort.abort() : setImmediate(() => abortAfter(passes - 1));
    abortAfter(5);
    await expect(writeChunks(endless(), stream, abort.signal)).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(created).toBeLessThan(10);
    expect(written).toEqual(['header ']);
  });

  it('ends when it is aborted while the reader has no room', async () => {
    const { state, stream, chunks } = create();
    const abort = new AbortController();
    const writing = writeChunks(chunks, stream, abort.signal);
    await waitUntil(() => state.accept.length > 0);
    abort.abort();
    await expect(writing).rejects.toMatchObject({ name: 'AbortError' });
  });
});
