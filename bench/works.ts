import type { DatabaseKind } from './databases';
import { PASSWORD } from './passwords';
import { ORDERS, UNDO_CANCELLATIONS, USERS, emailOf, ownerOf } from './seed';
import type { Contender, Server } from './servers';
import { logIn } from './tokens';

/** One kind of request, and the contenders that serve it. */
export interface Work {
  readonly name: string;
  readonly contenders: Readonly<Record<DatabaseKind, readonly Contender[]>>;
  /** The numbers of connections, if they are not those of the options. */
  readonly connections?: readonly number[];
  /** Needs longer rounds than others. */
  readonly isSlow?: boolean;
  /** Another load that the server has at the same time. */
  readonly beside?: { readonly work: Work; readonly connections: number };
  /** Between a response and the next request of a connection; 0 by default. */
  readonly pauseMs?: number;
  readonly script: 'cycle' | 'refresh';
  /** Restores what a run of the work uses up. */
  readonly prepare?: (server: Server) => Promise<void>;
  /** What the script sends: requests, or refresh tokens. */
  readonly items: (target: Target) => readonly string[] | Promise<readonly string[]>;
}

export interface Target {
  readonly server: Server;
  /** Of the users, in the order of their ids. */
  readonly tokens: readonly string[];
  readonly connections: number;
}

const ALL = {
  SQLite: ['this', 'typical', 'limit'],
  PostgreSQL: ['this', 'typical', 'limit'],
} as const;
export const ONLY_THIS = { SQLite: ['this'], PostgreSQL: ['this'] } as const;

export const ORDER = JSON.stringify({ product_name: 'Laptop', amount: 999.99 });

const STATUS: Work = {
  name: 'GET /',
  contenders: { SQLite: ['this', 'bare'], PostgreSQL: [] }, // it needs no database
  script: 'cycle',
  items: () => [request('GET', '/')],
};

const ONE_ORDER: Work = {
  name: 'one order',
  contenders: ALL,
  script: 'cycle',
  // A step that shares no factor with their number visits all orders, in a mixed order.
  items: ({ tokens }) =>
    numbers(4_096).map((n) => {
      const id = ((n * 7_919) % ORDERS) + 1;
      return request('GET', `/orders/${id}`, bearer(tokens, ownerOf(id)));
    }),
};

const PLACE: Work = {
  name: 'place',
  contenders: ALL,
  script: 'cycle',
  items: ({ tokens }) =>
    users().map((user) => request('POST', '/orders', bearer(tokens, user), ORDER)),
};

export const WORKS: readonly Work[] = [
  STATUS,
  ONE_ORDER,
  {
    name: 'list of 20',
    contenders: ALL,
    script: 'cycle',
    items: ({ tokens }) => users().map((user) => request('GET', '/orders', bearer(tokens, user))),
  },
  PLACE,
  {
    name: 'place with a key',
    contenders: ONLY_THIS,
    script: 'cycle',
    items: ({ tokens }) =>
      users().map((user) => {
        const headers = [...bearer(tokens, user), 'Idempotency-Key: {unique}'];
        return request('POST', '/orders', headers, ORDER);
      }),
  },
  {
    name: 'cancel',
    contenders: ONLY_THIS,
    script: 'cycle',
    prepare: ({ database }) => database.execute(UNDO_CANCELLATIONS),
    items: ({ tokens }) =>
      numbers(ORDERS).map((n) =>
        request('PATCH', `/orders/${n + 1}/cancel`, bearer(tokens, ownerOf(n + 1))),
      ),
  },
  {
    name: 'refresh',
    contenders: ONLY_THIS,
    script: 'refresh',
    // The first token is lost to a check of wrk.
    items: async ({ server, connections }) =>
      (await logIn(server, connections * 2)).map(({ refresh_token }) => refresh_token),
  },
  ...besideEachOther(PLACE, ONE_ORDER),
];

const LOGIN: Work = {
  name: 'login',
  contenders: { SQLite: ['this', 'bcrypt workers'], PostgreSQL: [] },
  connections: [1, 16], // 64 logins may wait
  isSlow: true,
  script: 'cycle',
  items: () =>
    numbers(USERS).map((n) => {
      const address = `X-Forwarded-For: 10.2.${n >> 8}.${n % 256}`;
      const credentials = { email: emailOf(n + 1), password: PASSWORD };
      return request('POST', '/auth/login', [address], JSON.stringify(credentials));
    }),
};

/** The latency of a request while others run, which is bounded by what blocks the event loop. */
const STATUS_BESIDE_LOGINS: Work = {
  ...STATUS,
  name: 'GET / beside 16 logins',
  contenders: { SQLite: ['this'], PostgreSQL: [] },
  connections: [1],
  pauseMs: 5, // without a pause, it would leave the logins too little time
  isSlow: true,
  beside: { work: LOGIN, connections: 16 },
};

/** Measured on servers of their own, at the default cost of bcrypt. */
export const LOGINS: readonly Work[] = [LOGIN, STATUS_BESIDE_LOGINS];

function besideEachOther(first: Work, second: Work): Work[] {
  const beside = (work: Work, other: Work): Work => ({
    ...work,
    name: `${work.name} beside 16 x ${other.name}`,
    contenders: { SQLite: work.contenders.SQLite, PostgreSQL: [] },
    connections: [16],
    beside: { work: other, connections: 16 },
  });
  return [beside(first, second), beside(second, first)];
}

export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function users(): number[] {
  return numbers(USERS).map((n) => n + 1);
}

export function bearer(tokens: readonly string[], user: number): string[] {
  return [`Authorization: Bearer ${tokens[user - 1]}`];
}

export function request(
  method: string,
  path: string,
  headers: readonly string[] = [],
  body?: string,
): string {
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', ...headers];
  if (body !== undefined) {
    lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}
