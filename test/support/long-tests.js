// Suites that start, stop and kill processes.
jest.setTimeout(120_000);
