import { Logger } from '@nestjs/common';
import type { Response } from 'express';
import type { Download } from '../api/download';
import { writeChunks } from '../common/write-chunks';

/**
 * How long a download may take, in milliseconds. `HTTP_TIMEOUTS.inactivity` ends one whose client reads
 * nothing; this one ends that of a client which reads a few bytes at a time.
 */
const MAX_DURATION_MS = 30 * 60_000;

const logger = new Logger('Download');

/**
 * Sends a file as fast as the client reads it. The coding is chunked, so a client notices when the file
 * is cut (RFC 9112, section 8): by an error, the time limit or a shutdown.
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
  const timer = setTimeout(() => {
    logger.warn('A download was cut, because the client has read it too slowly');
    response.destroy();
  }, MAX_DURATION_MS);
  try {
    await writeChunks(withHeaders(response, download), response, closed.signal);
    response.end();
  } catch (error) {
    if (!closed.signal.aborted) throw error; // otherwise logged as an aborted request
  } finally {
    clearTimeout(timer);
  }
}

/** Sets the headers when the first chunk was created, because until then the response may be a problem. */
async function* withHeaders(response: Response, download: Download): AsyncGenerator<string> {
  for await (const chunk of download.chunks) {
    if (!response.headersSent) setHeaders(response, download);
    yield chunk;
  }
}

function setHeaders(response: Response, { type, filename }: Download): void {
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Disposition', `attachment; filename="${filename}"`);
  response.setHeader('Cache-Control', 'no-store');
}
