import { setTimeout as delay } from 'node:timers/promises';

interface WaitOptions {
  /** What is waited for. A function is called when it did not come, and can tell what there is instead. */
  readonly description?: string | (() => string);
  readonly deadlineMs?: number;
}

/** Waits for a condition, and fails when it is not true by the deadline. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  { description = String(condition), deadlineMs = 10_000 }: WaitOptions = {},
): Promise<void> {
  const deadline = monotonicMs() + deadlineMs;
  while (!(await condition())) {
    if (monotonicMs() > deadline) {
      const missing = typeof description === 'string' ? description : description();
      throw new Error(`Not within ${deadlineMs} ms: ${missing}`);
    }
    await delay(10);
  }
}

/**
 * The wall clock jumps when a virtual machine that was paused continues, and `performance.now()` is what
 * some tests replace.
 */
function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
