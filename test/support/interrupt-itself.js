const { isMainThread } = require('node:worker_threads');

// Loaded with `node --require`: the process sends itself the signal INTERRUPT_WITH, soon after it has written
// INTERRUPT_AT to stderr. A signal from the test could come after its end.
if (isMainThread) {
  const { INTERRUPT_AT, INTERRUPT_WITH } = process.env;
  const { stderr } = process;
  const write = stderr.write.bind(stderr);
  stderr.write = (text, ...rest) => {
    if (String(text).includes(INTERRUPT_AT)) {
      stderr.write = write;
      setTimeout(() => process.kill(process.pid, INTERRUPT_WITH), 20);
    }
    return write(text, ...rest);
  };
}
