import { once } from 'node:events';
import { type AddressInfo, type Server, createServer } from 'node:net';

/**
 * A server that sends the same reply to everything it receives.
 * @param isOnce whether it closes each connection with its first reply
 */
export async function replyToAll(reply: Buffer, { isOnce = false } = {}): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    if (isOnce) socket.once('data', () => socket.end(reply));
    else socket.on('data', () => socket.write(reply));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** A PostgreSQL that responds to all clients with one error (its manual, section 55.7). */
export function rejectAll(code: string, message: string): Promise<Server> {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(fields.length + 4);
  return replyToAll(Buffer.concat([Buffer.from('E'), length, fields]), { isOnce: true });
}
