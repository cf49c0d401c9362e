import { randomInt } from 'node:crypto';

/** How hard the fault suites try; each setting is an environment variable. */
export const FAULTS = {
  /** Kills per database. */
  rounds: numberFrom('FAULT_ROUNDS', 25),
  /** Of the random moments: set it to the number of a run that failed to have the same again. */
  seed: numberFrom('FAULT_SEED', randomInt(2 ** 31)),
  /** How long the database is away. */
  outageSeconds: numberFrom('FAULT_OUTAGE_SECONDS', 5),
  /** How many orders one process and three are measured with. */
  orders: numberFrom('FAULT_ORDERS', 1_200),
  /** How many orders a migrated table has: the more, the longer an index takes. */
  migratedOrders: numberFrom('FAULT_MIGRATED_ORDERS', 20_000),
} as const;

function numberFrom(variable: string, byDefault: number): number {
  const value = Number(process.env[variable] ?? byDefault);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${variable} must be a number`);
  return value;
}

/** Numbers that a reader of a run wants, whether it fails or not. */
export function note(text: string): void {
  process.stderr.write(`    ${text}\n`);
}
