// Loaded with `node --require`: prints the files that the process has loaded when it exits.
process.once('exit', () => {
  const loaded = Object.keys(require.cache);
  process.stdout.write(`${JSON.stringify({ msg: 'Loaded modules', loaded })}\n`);
});
