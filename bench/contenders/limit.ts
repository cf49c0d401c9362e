/**
 * The least that these requests need: node:http, prepared statements, an HMAC check of the token and
 * JSON. No framework, no validation beyond types, no log.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { postgresStore } from './limit-postgres';
import { sqliteStore } from './limit-sqlite';
import type { Store } from './limit-store';

const { JWT_SECRET: secret = '', DATABASE_URL: url, DATABASE_PATH: path, PORT } = process.env;

/** Returns the user of a valid token. */
function authenticate({ headers }: IncomingMessage): number | undefined {
  const [header, claims, signature] = (headers.authorization ?? '').slice(7).split('.');
  if (!header || !claims || !signature) return undefined;
  const expected = createHmac('sha256', secret).update(`${header}.${claims}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const { sub, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
    sub: string;
    exp: number;
  };
  return exp * 1000 > Date.now() ? Number(sub) : undefined;
}

function respond(response: ServerResponse, status: number, body: unknown): void {
  const json = JSON.stringify(body);
  response
    .writeHead(status, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(json),
    })
    .end(json);
}

function placeOrder(store: Store, userId: number, body: string, response: ServerResponse): void {
  const { product_name: name, amount } = JSON.parse(body) as Record<string, unknown>;
  if (typeof name !== 'string' || typeof amount !== 'number') {
    respond(response, 400, { message: 'product_name and amount are required' });
    return;
  }
  store.place(userId, name, Math.round(amount * 100), ([order]) => respond(response, 201, order));
}

function handle(store: Store, request: IncomingMessage, response: ServerResponse): void {
  const userId = authenticate(request);
  if (userId === undefined) {
    respond(response, 401, { message: 'A valid token is required' });
  } else if (request.method === 'POST') {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => placeOrder(store, userId, Buffer.concat(chunks).toString(), response));
  } else if (request.url === '/orders') {
    store.newest(userId, (data) => respond(response, 200, { data }));
  } else {
    const id = Number(request.url?.slice('/orders/'.length));
    store.one(id, userId, ([order]) =>
      respond(response, order ? 200 : 404, order ?? { message: 'Not found' }),
    );
  }
}

async function serve(): Promise<void> {
  const store = url ? await postgresStore(url) : sqliteStore(path);
  createServer((request, response) => handle(store, request, response)).listen(
    Number(PORT),
    '127.0.0.1',
  );
}

void serve();
