import type { Command } from 'commander';
import { EXIT } from '../../database/run-command';
import { InterruptedError } from '../interruption';
import { parseCount } from '../parse-count';
import { type CommandContext, runOnDatabase } from '../run-on-database';
import { Findings } from './findings';
import { verifyEvents } from './verify-events';
import { verifyIdempotencyKeys } from './verify-idempotency-keys';
import { verifyLeases } from './verify-leases';
import { verifyMetadata } from './verify-metadata';
import { verifyOrders } from './verify-orders';
import { verifyReferences } from './verify-references';
import { verifyStatistics } from './verify-statistics';

/** The runs of the default schedule are two minutes apart, and each reclaims what has expired. */
const STUCK_AFTER_SECONDS = 600;

const DAY_SECONDS = 86_400;

/** `verify`. It only reads, in pages, so a server can run meanwhile. */
export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('replay all histories against their orders, and find what is wrong')
    .option(
      '--stuck-after <seconds>',
      'a lease that expired this long ago was not reclaimed',
      parseCount(0, DAY_SECONDS),
      STUCK_AFTER_SECONDS,
    )
    .action(({ stuckAfter }: { stuckAfter: number }) =>
      runOnDatabase((context) => verify(context, stuckAfter)),
    );
}

async function verify(context: CommandContext, stuckAfter: number): Promise<number> {
  const findings = new Findings();
  try {
    const orders = await verifyOrders(context, findings, stuckAfter);
    await verifyEvents(context, findings);
    await verifyStatistics(context, findings);
    await verifyMetadata(context, findings);
    await verifyLeases(context, findings, stuckAfter);
    await verifyIdempotencyKeys(context, findings);
    await verifyReferences(context, findings);
    if (findings.total === 0) process.stdout.write(`Verified ${orders} orders: nothing is wrong\n`);
    else print([...findings.lines(), `Verified ${orders} orders: ${findings.total} findings`]);
    return findings.total === 0 ? EXIT.done : EXIT.failed;
  } catch (error) {
    if (error instanceof InterruptedError) print(findings.lines());
    throw error;
  }
}

function print(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}
