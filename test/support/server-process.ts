import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import './long-tests';
import { ApiClient } from './api-client';
import { START_DEADLINE_MS } from './start-deadline';
import { waitUntil } from './wait-until';

const BUILD = join(__dirname, '..', '..', 'dist', 'src');

/** How a child process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process of the build with only the given environment. */
export class BuildProcess {
  /** Lines of stdout and of stderr. */
  readonly output: string[] = [];
  readonly exit: Promise<Exit>;
  private readonly child: ChildProcess;

  /**
   * @param script relative to the build
   * @param tracer a command that runs the process, such as `strace`
   * @param stdout a file descriptor instead of `output`
   */
  constructor(
    script: string,
    readonly folder: string,
    environment: Record<string, string>,
    args: readonly string[] = [],
    tracer: readonly string[] = [],
    stdout: 'pipe' | number = 'pipe',
  ) {
    const [command, ...rest] = [...tracer, process.execPath, resolve(BUILD, script), ...args];
    this.child = spawn(command!, rest, {
      cwd: folder,
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', stdout, 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.output.push(line));
    }
    this.exit = once(this.child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  get pid(): number {
    return this.child.pid!;
  }

  get hasExited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Waits for a line with this string. */
  hasPrinted(string: string): Promise<void> {
    const isPrinted = () => this.output.some((line) => line.includes(string));
    return waitUntil(() => isPrinted() || this.hasExited, {
      description: string,
      deadlineMs: START_DEADLINE_MS,
    });
  }
}

export interface ServerOptions {
  /** The absolute path of another entry script. */
  readonly script?: string;
  readonly tracer?: readonly string[];
  /** A file descriptor for stdout; then `log` returns the lines of the log. */
  readonly stdout?: number;
  readonly log?: () => string;
}

/** The built server, listening on a free port of 127.0.0.1. */
export class ServerProcess {
  private constructor(
    readonly process: BuildProcess,
    readonly api: ApiClient,
  ) {}

  /**
   * @param folder the working folder; servers in the same folder use the same SQLite file
   * @throws Error with the output of the process, when the server does not start
   */
  static async start(
    folder: string,
    environment: Record<string, string> = {},
    { script = 'main.js', tracer = [], stdout, log }: ServerOptions = {},
  ): Promise<ServerProcess> {
    const variables = {
      HOST: '127.0.0.1',
      PORT: '0',
      BCRYPT_COST: '4',
      RATE_LIMIT_ENABLED: 'false',
      JWT_SECRET: 'a secret that several processes share',
      ...environment,
    };
    const server = new BuildProcess(script, folder, variables, [], tracer, stdout);
    const lines = () => (log ? log().split('\n') : server.output);
    const address = () => lines().map((line) => /Listening on (http\S+),/.exec(line)?.[1]);
    try {
      await waitUntil(() => server.hasExited || address().some(Boolean), {
        deadlineMs: START_DEADLINE_MS,
      });
    } catch (error) {
      server.kill('SIGKILL');
      throw error;
    }
    const url = address().find(Boolean);
    if (!url) {
      await server.exit; // the last lines may arrive after the end of the process
      throw new Error(`The server did not start:\n${server.output.join('\n')}`);
    }
    return new ServerProcess(server, new ApiClient(url));
  }

  /** Ends the process if it is running, and waits for its end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    if (!this.process.hasExited) this.process.kill(signal);
    return this.process.exit;
  }
}

/** Creates an empty folder for a process. */
export async function createFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'orders-server-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
