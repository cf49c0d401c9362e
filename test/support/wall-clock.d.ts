/** Moves `Date` of this suite; timers and `performance.now()` go on. Negative sets it back. */
export function moveWallClock(milliseconds: number): void;

/** Shows the real time again. */
export function resetWallClock(): void;
