/** Moves `Date` of this suite, but not timers and `performance.now()`. Negative sets it back. */
export function moveWallClock(milliseconds: number): void;

/** Restores the real time. */
export function resetWallClock(): void;
