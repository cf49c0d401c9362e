// Preloaded into a server: sets its wall clock back by an hour at each SIGCONT, a signal that
// nothing else listens for.

const { moveWallClock } = require('../../support/wall-clock.js');

const HOUR_MS = 3_600_000;

process.on('SIGCONT', () => {
  moveWallClock(-HOUR_MS);
  process.stdout.write(`Wall clock set back to ${new Date().toISOString()}\n`);
});
