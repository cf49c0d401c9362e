const { writeFileSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

// Loaded with `node --require`: when the process exits, it writes the files that it has loaded to its
// working folder. A pipe would not take so many in time.
if (isMainThread) {
  process.once('exit', () =>
    writeFileSync('loaded-modules.json', JSON.stringify(Object.keys(require.cache))),
  );
}
