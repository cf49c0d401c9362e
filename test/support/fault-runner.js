const { default: TestRunner } = require('jest-runner');

/**
 * Runs the suites that measure latencies, throughput or memory, `*.load-spec.ts`, one at a time and
 * after the others, so that nothing runs beside them.
 */
module.exports = class FaultRunner extends TestRunner {
  async runTests(tests, watcher, options) {
    const measures = ({ path }) => path.endsWith('.load-spec.ts');
    await super.runTests(
      tests.filter((test) => !measures(test)),
      watcher,
      options,
    );
    await super.runTests(tests.filter(measures), watcher, { ...options, serial: true });
  }
};
