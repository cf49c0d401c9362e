// Preloaded into a server: sets its wall clock back by an hour at each SIGCONT, a signal that
// nothing else listens for. Timers and `performance.now()` go on as they do on a real machine.

const HOUR_MS = 3_600_000;
const RealDate = Date;
let offsetMs = 0;

const now = () => RealDate.now() + offsetMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, property, receiver) =>
    property === 'now' ? now : Reflect.get(target, property, receiver),
});

process.on('SIGCONT', () => {
  offsetMs -= HOUR_MS;
  process.stdout.write(`Wall clock set back to ${new Date().toISOString()}\n`);
});
