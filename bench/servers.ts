import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from './databases';
import { start } from './processes';

const ROOT = join(__dirname, '..', '..');

export const CONTENDERS = ['this', 'typical', 'limit', 'bare', 'bcrypt workers'] as const;
export type Contender = (typeof CONTENDERS)[number];

/** Signs the tokens of all contenders. */
export const JWT_SECRET = 'the secret of a benchmark, which signs the tokens of all contenders';

const SCRIPTS: Record<Contender, string> = {
  this: join(ROOT, 'dist', 'src', 'main.js'),
  typical: join(__dirname, 'contenders', 'typical.js'),
  limit: join(__dirname, 'contenders', 'limit.js'),
  bare: join(__dirname, 'contenders', 'bare.js'),
  'bcrypt workers': join(__dirname, 'contenders', 'bcrypt-workers.js'),
};

/** For this project. The rest has its defaults: rate limits and log file are on. */
const ENVIRONMENT = {
  HOST: '127.0.0.1',
  JWT_SECRET,
  PROCESSING_ENABLED: 'false', // orders have to stay pending
  TOKEN_EXPIRE_MINUTES: '1440',
  TRUST_PROXY: 'loopback', // logins and refreshes come from many addresses, as rate limits expect
};

const START_DEADLINE_MS = 60_000;

/** A contender that listens. */
export class Server {
  /** The number of requests that it has served under load. */
  requests = 0;

  private constructor(
    readonly contender: Contender,
    readonly database: Database,
    readonly port: number,
    /** From the start of the process to its first response, in milliseconds. */
    readonly readyMs: number,
    /** Where it runs. */
    readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  /** @throws Error with its output, when the contender does not start */
  static async start(
    contender: Contender,
    database: Database,
    { node, folder, environment = {} }: StartOptions,
  ): Promise<Server> {
    mkdirSync(folder, { recursive: true });
    const port = await findFreePort();
    const output = join(folder, 'stderr.txt');
    const stderr = openSync(output, 'w');
    const startedAt = performance.now();
    const child = start(node, [SCRIPTS[contender]], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        PORT: `${port}`,
        ...ENVIRONMENT,
        ...database.environment,
        ...environment,
      },
      stdio: ['ignore', 'ignore', stderr],
    });
    closeSync(stderr);
    while (!(await responds(port))) {
      const isLate = performance.now() - startedAt > START_DEADLINE_MS;
      if (isLate || hasEnded(child)) {
        throw new Error(`${contender} did not start:\n${readFileSync(output, 'utf8')}`);
      }
      await delay(5);
    }
    const readyMs = performance.now() - startedAt;
    return new Server(contender, database, port, readyMs, folder, child);
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.contender} has no process`);
    return this.child.pid;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    if (hasEnded(this.child)) return;
    const closed = once(this.child, 'close');
    this.child.kill('SIGTERM');
    await closed;
  }
}

export interface StartOptions {
  readonly node: string;
  /** The working folder, where the log file is written. */
  readonly folder: string;
  readonly environment?: Record<string, string>;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Any response counts, since not every contender has a route at the root. */
async function responds(port: number): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(1_000);
    await (await fetch(`http://127.0.0.1:${port}/`, { signal })).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
