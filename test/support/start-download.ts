import { once } from 'node:events';
import { type IncomingMessage, get } from 'node:http';
import type { ApiClient } from './api-client';

/**
 * Starts a download on a connection of its own. Nothing of its body is read until the caller does; then
 * a body that is cut fails.
 */
export async function startDownload(
  { url, token }: Pick<ApiClient, 'url' | 'token'>,
  path: string,
): Promise<IncomingMessage> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const request = get(new URL(path, url), { agent: false, headers });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  request.on('error', () => undefined); // the response has failed too
  return response;
}
