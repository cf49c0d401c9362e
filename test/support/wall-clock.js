// JavaScript, so that a server can preload it (test/faults/any-database/wall-clock.js).

let offsetMs = 0;
let replaced;

/**
 * Moves the wall clock (`Date`) of this process, or of this suite under jest, as an administrator or
 * a time server does. Timers and `performance.now()` go on, as they do on a real machine.
 * @param {number} milliseconds negative to set the clock back
 */
function moveWallClock(milliseconds) {
  offsetMs += milliseconds;
  if (replaced) return;
  const RealDate = globalThis.Date;
  const now = () => RealDate.now() + offsetMs;
  replaced = RealDate;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, property, receiver) =>
      property === 'now' ? now : Reflect.get(target, property, receiver),
  });
}

/** Shows the real time again. */
function resetWallClock() {
  if (replaced) globalThis.Date = replaced;
  replaced = undefined;
  offsetMs = 0;
}

module.exports = { moveWallClock, resetWallClock };
