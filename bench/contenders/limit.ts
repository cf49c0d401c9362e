/**
 * The least that these requests need: node:http, prepared statements, an HMAC check of the token and
 * JSON. No framework, no validation beyond types, no log. Each commit is synced.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import Database from 'better-sqlite3';

const secret = process.env['JWT_SECRET'] ?? '';
const database = new Database(process.env['DATABASE_PATH']);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec(
  `CREATE TABLE IF NOT EXISTS orders (
     id integer PRIMARY KEY AUTOINCREMENT, user_id integer NOT NULL, product_name text NOT NULL,
     amount_minor integer NOT NULL, status text NOT NULL DEFAULT 'pending',
     attempts integer NOT NULL DEFAULT 0, failure_reason text, cancel_reason text,
     created_at text NOT NULL, updated_at text NOT NULL, cancelled_at text, completed_at text);
   CREATE INDEX IF NOT EXISTS orders_user_id_created_at_idx ON orders (user_id, created_at, id)`,
);

const one = database.prepare('SELECT * FROM orders WHERE id = ? AND user_id = ?');
const newest = database.prepare(
  'SELECT * FROM orders WHERE user_id = ? ORDER BY created_at DESC, id DESC LIMIT 20',
);
const place = database.prepare(
  `INSERT INTO orders (user_id, product_name, amount_minor, created_at, updated_at)
   VALUES (?, ?, ?, ?, ?) RETURNING *`,
);

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

function placeOrder(userId: number, body: string, response: ServerResponse): void {
  const { product_name: name, amount } = JSON.parse(body) as Record<string, unknown>;
  if (typeof name !== 'string' || typeof amount !== 'number') {
    respond(response, 400, { message: 'product_name and amount are required' });
    return;
  }
  const now = new Date().toISOString();
  respond(response, 201, place.get(userId, name, Math.round(amount * 100), now, now));
}

createServer((request, response) => {
  const userId = authenticate(request);
  if (userId === undefined) {
    respond(response, 401, { message: 'A valid token is required' });
  } else if (request.method === 'POST') {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => placeOrder(userId, Buffer.concat(chunks).toString(), response));
  } else if (request.url === '/orders') {
    respond(response, 200, { data: newest.all(userId) });
  } else {
    const order = one.get(Number(request.url?.slice('/orders/'.length)), userId);
    respond(response, order ? 200 : 404, order ?? { message: 'Not found' });
  }
}).listen(Number(process.env['PORT']), '127.0.0.1');
