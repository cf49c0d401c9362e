import { setTimeout as delay } from 'node:timers/promises';

declare global {
  /** The default deadline in suites of long tests, in milliseconds. */
  var LONG_DEADLINE_MS: number | undefined;
}

/** A timer that is later than this is late because the process, or the machine, stood still. */
const LATE_MS = 100;

interface WaitOptions {
  /** What is waited for. A function is called when it did not come, and can tell what there is instead. */
  readonly description?: string | (() => string);
  readonly deadlineMs?: number;
}

/** Waits for a condition, and fails when it is not true by the deadline. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  {
    description = String(condition),
    deadlineMs = globalThis.LONG_DEADLINE_MS ?? 10_000,
  }: WaitOptions = {},
): Promise<void> {
  let deadline = monotonicMs() + deadlineMs;
  while (!(await condition())) {
    if (monotonicMs() > deadline) {
      const missing = typeof description === 'string' ? description : description();
      throw new Error(`Not within ${deadlineMs} ms: ${missing}`);
    }
    const before = monotonicMs();
    await delay(10);
    // While this process stood still, nothing could be received.
    deadline += Math.max(0, monotonicMs() - before - LATE_MS);
  }
}

/**
 * The wall clock jumps when a virtual machine that was paused continues, and `performance.now()` is what
 * some tests replace.
 */
function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
