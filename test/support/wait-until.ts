import { setTimeout as delay } from 'node:timers/promises';

/** Waits for a condition, and fails when it is not true by the deadline. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  { description = String(condition), deadlineMs = 10_000 } = {},
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Not within ${deadlineMs} ms: ${description}`);
    await delay(10);
  }
}
