// Suites that start, stop and kill processes. Only a test that hangs takes this long: on a busy machine,
// a process takes seconds to start.
jest.setTimeout(300_000);
globalThis.LONG_DEADLINE_MS = 60_000;
