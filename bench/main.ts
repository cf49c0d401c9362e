import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureDrains } from './drains';
import { log } from './log';
import { describeMachine, loadAverage } from './machine';
import { type Options, parseOptions } from './options';
import { interrupt } from './processes';
import { toChart } from './results-chart';
import { type Results, toMarkdown } from './results-markdown';
import { measureSideBySide } from './side-by-side';
import { requireWrk } from './wrk';

const BENCH = join(__dirname, '..');

/** Removes what it has created, also when a measurement fails. */
async function measure(options: Options): Promise<Results> {
  const folder = mkdtempSync(join(tmpdir(), 'orders-bench-'));
  try {
    const machine = await describeMachine(folder, options);
    const loadBefore = loadAverage();
    const outcome = await measureSideBySide(folder, options);
    const drains = options.only.length === 0 ? await measureDrains(folder, options) : [];
    return { machine, loadAverage: loadBefore, ...outcome, drains };
  } finally {
    interrupt();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Only complete results replace those that the repository contains. */
function write(results: Results, options: Options): void {
  const isComplete = !options.isQuick && options.only.length === 0;
  const folder = isComplete ? BENCH : join(BENCH, 'artifacts');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'results.md'), toMarkdown(results, options));
  writeFileSync(join(folder, 'results.svg'), toChart(results.measurements));
  log(`Results are in ${join(folder, 'results.md')} and results.svg`);
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  requireWrk();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
  write(await measure(options), options);
}

main().catch((error: unknown) => {
  log(error instanceof Error ? describe(error) : String(error));
  process.exitCode = 1;
});

function describe({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${describe(cause)}` : message;
}
