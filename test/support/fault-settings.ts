import { randomInt } from 'node:crypto';

/** Settings of the fault suites, from environment variables. */
export const FAULTS = {
  /** How often a server is killed, per database. */
  rounds: numberFrom('FAULT_ROUNDS', 25),
  /** Seed of the random moments. The seed of a failed run reproduces them. */
  seed: numberFrom('FAULT_SEED', randomInt(2 ** 31)),
  /** How long the database is unreachable. */
  outageSeconds: numberFrom('FAULT_OUTAGE_SECONDS', 5),
  /** Number of orders in the measurement of one process and of three. */
  orders: numberFrom('FAULT_ORDERS', 1_200),
  /** Number of orders in the migrated table; it determines how long an index takes. */
  migratedOrders: numberFrom('FAULT_MIGRATED_ORDERS', 20_000),
} as const;

function numberFrom(variable: string, fallback: number): number {
  const value = Number(process.env[variable] ?? fallback);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`${variable} must be a positive integer`);
  return value;
}

/** Prints a measurement. */
export function note(line: string): void {
  process.stderr.write(`    ${line}\n`);
}
