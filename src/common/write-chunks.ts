import type { Writable } from 'node:stream';
import { setImmediate as nextPass } from 'node:timers/promises';

/**
 * Writes chunks as fast as their reader accepts them: the next one is created when the one before was
 * written, and in another pass of the event loop, so that other work comes in between. The stream stays
 * open. An empty chunk is not written; only the pass ends with it.
 * @throws AbortError, and what creating a chunk, or the stream, has failed with
 */
export async function writeChunks(
  chunks: AsyncIterable<string>,
  stream: Writable,
  signal: AbortSignal,
): Promise<void> {
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    if (chunk !== '') await write(chunk, stream, signal);
    // SQLite and a write that the kernel accepts at once are synchronous: nothing else would be served.
    await nextPass(undefined, { signal });
  }
}

function write(chunk: string, stream: Writable, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort);
    stream.write(chunk, (error) => {
      signal.removeEventListener('abort', onAbort);
      if (error) reject(error);
      else resolve();
    });
  });
}
