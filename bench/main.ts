import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureDrains } from './drains';
import { measureGrowth } from './growth';
import { toGrowthMarkdown } from './growth-markdown';
import { log } from './log';
import { describeMachine, loadAverage } from './machine';
import { type Options, parseOptions } from './options';
import { interrupt } from './processes';
import { toChart } from './results-chart';
import { type Results, toMarkdown } from './results-markdown';
import { measureSideBySide } from './side-by-side';
import { requireWrk } from './wrk';

const BENCH = join(__dirname, '..');

const GROWTH_FILE = join(BENCH, '..', 'docs', 'growth.md');

/** Only complete results replace those that the repository contains. */
async function writeResults(temporary: string, options: Options): Promise<void> {
  const machine = await describeMachine(temporary, options);
  const loadBefore = loadAverage();
  const outcome = await measureSideBySide(temporary, options);
  const drains = options.only.length === 0 ? await measureDrains(temporary, options) : [];
  const results: Results = { machine, loadAverage: loadBefore, ...outcome, drains };
  const isComplete = !options.isQuick && options.only.length === 0;
  const folder = isComplete ? BENCH : join(BENCH, 'artifacts');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'results.md'), toMarkdown(results, options));
  writeFileSync(join(folder, 'results.svg'), toChart(results.measurements));
  log(`Results are in ${join(folder, 'results.md')} and results.svg`);
}

async function writeGrowth(temporary: string, options: Options): Promise<void> {
  const machine = await describeMachine(temporary, options);
  const sizes = await measureGrowth(temporary, options);
  writeFileSync(GROWTH_FILE, toGrowthMarkdown(machine, sizes, options));
  log(`Results are in ${GROWTH_FILE}`);
}

/** Removes what it has created, also when a measurement fails. */
async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  requireWrk();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  const folder = mkdtempSync(join(tmpdir(), 'orders-bench-'));
  try {
    await (options.isGrowth ? writeGrowth(folder, options) : writeResults(folder, options));
  } finally {
    interrupt();
    rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  log(error instanceof Error ? describe(error) : String(error));
  process.exitCode = 1;
});

function describe({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${describe(cause)}` : message;
}
