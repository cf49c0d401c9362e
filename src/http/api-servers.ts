import type { IncomingMessage, Server } from 'node:http';

const servers = new WeakSet<object>();

/** Marks a server as one of the API, unlike that of the metrics. */
export function markApiServer(server: Server): void {
  servers.add(server);
}

export function isSentToApi({ socket }: IncomingMessage): boolean {
  const { server } = socket as { server?: Server }; // not in the types
  return server !== undefined && servers.has(server);
}
