import { setTimeout as delay } from 'node:timers/promises';

/** The longest pause that leaves time to others, in milliseconds. */
const MAX_PAUSE_MS = 1_000;

/** Work that takes little time is followed by a pause this many times as long. */
const PAUSE_PER_DURATION = 5;

/** Waits, in milliseconds. The signal ends the pause early. Never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal }).catch(() => undefined);
}

/**
 * The pause after a part of a backlog, in milliseconds: as long as that part took, so that others have half of
 * the time. On SQLite they use the same connection.
 * @param startedAt when the part began, by `performance.now()`
 */
export function backlogPauseMs(startedAt: number): number {
  return Math.min(MAX_PAUSE_MS, performance.now() - startedAt);
}

/**
 * The pause after work that each new event causes, in milliseconds: five times as long as the work took, so that
 * others have most of the time. When the work is slow, they have half of it, so that it is not delayed further.
 * @param startedAt when the work began, by `performance.now()`
 * @param collectMs how long new events wait for others, at most, unless the work takes longer
 */
export function eventPauseMs(startedAt: number, collectMs: number): number {
  const durationMs = performance.now() - startedAt;
  const pauseMs = Math.max(durationMs, Math.min(collectMs, durationMs * PAUSE_PER_DURATION));
  return Math.min(MAX_PAUSE_MS, pauseMs);
}
