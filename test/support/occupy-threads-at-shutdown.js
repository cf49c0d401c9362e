const { execFileSync } = require('node:child_process');
const { constants, open, openSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

const FIFO = 'occupied';

/** For how long the threads are occupied, in milliseconds. */
const DURATION_MS = 1_300;

// Loaded with `node --require`: at SIGTERM it occupies the four threads that write files. They open a FIFO
// for reading, which waits for somebody who opens it for writing.
if (isMainThread) {
  process.once('SIGTERM', () => {
    execFileSync('mkfifo', [FIFO]);
    for (let thread = 0; thread < 4; thread++) open(FIFO, constants.O_RDONLY, () => undefined);
    setTimeout(() => openSync(FIFO, constants.O_RDWR), DURATION_MS);
  });
}
