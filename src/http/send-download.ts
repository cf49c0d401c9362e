import { Logger } from '@nestjs/common';
import type { Response } from 'express';
import type { Download } from '../api/download';
import { writeChunks } from '../common/write-chunks';

/**
 * Limits of how long a client may occupy one of the few places for downloads. The time in which the server
 * creates the file does not count towards the throughput, and time that a fast client has saved is not kept.
 */
const MAX_DURATION_MS = 30 * 60_000;
const MIN_BYTES_PER_SECOND = 65_536;
/** How much longer the client may take than with the minimum throughput, in all, until it has caught up. */
const MAX_DELAY_MS = 60_000;
/** Allowed for each chunk, however short: other work of the server may come before the next one. */
const MIN_CHUNK_MS = 100;

const logger = new Logger('Download');

/**
 * Sends a file as fast as the client reads it. The coding is chunked, so a client notices when the file
 * is cut (RFC 9112, section 8): by an error, a limit of time or a shutdown.
 * @throws what creating the file has failed with; nothing was sent unless the response has its headers
 */
export async function sendDownload(response: Response, download: Download): Promise<void> {
  // The client has disconnected, or was sent a problem, before the handler returned.
  if (response.destroyed || response.headersSent) return;
  if (response.req.method === 'HEAD') {
    setHeaders(response, download);
    response.end();
    return;
  }
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  const cut = () => {
    logger.warn('A download was cut, because the client has read it too slowly');
    response.destroy();
  };
  const timer = setTimeout(cut, MAX_DURATION_MS);
  let failure: unknown;
  try {
    const file = withHeaders(response, download, (error) => (failure = error));
    await writeChunks(withMinThroughput(file, cut), response, closed.signal);
    response.end();
  } catch (error) {
    if (error === failure && !closed.signal.aborted) throw error;
    // The client has disconnected: logged as an aborted request. A write can fail before `close`.
    response.destroy();
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Sets the headers when the first chunk was created, because until then the response may be a problem.
 * @param onFailure is called with what creating a chunk has failed with
 */
async function* withHeaders(
  response: Response,
  download: Download,
  onFailure: (error: unknown) => void,
): AsyncGenerator<string> {
  try {
    for await (const chunk of download.chunks) {
      if (!response.headersSent) setHeaders(response, download);
      yield chunk;
    }
  } catch (error) {
    onFailure(error);
    throw error;
  }
}

/** @param onTooSlow is called while the client reads a chunk */
async function* withMinThroughput(
  chunks: AsyncIterable<string>,
  onTooSlow: () => void,
): AsyncGenerator<string> {
  let delayMs = 0;
  for await (const chunk of chunks) {
    const writingMs = (Buffer.byteLength(chunk) / MIN_BYTES_PER_SECOND) * 1_000;
    const expectedMs = Math.max(MIN_CHUNK_MS, writingMs);
    const timer = setTimeout(onTooSlow, MAX_DELAY_MS - delayMs + expectedMs);
    const startedAt = performance.now();
    try {
      yield chunk; // until the reader asks for the next one, because it has written this one
    } finally {
      clearTimeout(timer);
    }
    delayMs = Math.max(0, delayMs + performance.now() - startedAt - expectedMs);
  }
}

function setHeaders(response: Response, { type, filename }: Download): void {
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Disposition', `attachment; filename="${filename}"`);
  response.setHeader('Cache-Control', 'no-store');
}
