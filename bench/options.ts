import { parseArgs } from 'node:util';

/** How much is measured, and with which Node.js. */
export interface Options {
  /** Runs all servers. Native modules must have been compiled for it. */
  readonly node: string;
  readonly isQuick: boolean;
  /** True to measure this project alone, with tables of different sizes. */
  readonly isGrowth: boolean;
  /** The names of the only works to measure; empty: all of them, and the drain. */
  readonly only: readonly string[];
  readonly connections: readonly number[];
  readonly rounds: number;
  readonly secondsPerRound: number;
  /** How often a server is started again to measure the start; 0: the first start is measured. */
  readonly starts: number;
  readonly drain: { readonly orders: number; readonly rounds: number };
  /** The PostgreSQL server on which databases are created. Undefined: SQLite only. */
  readonly postgresUrl: string | undefined;
}

const FULL = {
  connections: [1, 32, 256],
  rounds: 3,
  secondsPerRound: 2,
  starts: 5,
  drain: { orders: 10_000, rounds: 3 },
};

const GROWTH = { ...FULL, connections: [8], rounds: 1, secondsPerRound: 4 };

const QUICK = {
  connections: [32],
  rounds: 1,
  secondsPerRound: 1,
  starts: 0,
  drain: { orders: 1_000, rounds: 1 },
};

export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      node: { type: 'string', default: process.execPath },
      only: { type: 'string', multiple: true, default: [] },
    },
  });
  if (values.growth && (values.quick || values.only.length > 0)) {
    throw new Error('--growth cannot be combined with --quick or --only');
  }
  return {
    ...(values.growth ? GROWTH : values.quick ? QUICK : FULL),
    isQuick: values.quick,
    isGrowth: values.growth,
    node: values.node,
    only: values.only,
    postgresUrl: process.env['BENCH_DATABASE_URL'] ?? process.env['TEST_DATABASE_URL'],
  };
}
