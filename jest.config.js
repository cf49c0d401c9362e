// Nest 12 and a few of its dependencies ship as ES modules, which jest on Node 20 cannot require.
const esModules = [
  '@nestjs',
  'file-type',
  'strtok3',
  'token-types',
  'uint8array-extras',
  '@tokenizer',
  '@borewit',
  'load-esm',
];

// Jest accepts `testTimeout` of a project, and ignores it.
const longTests = { setupFilesAfterEnv: ['<rootDir>/test/support/long-tests.js'] };

const shared = {
  testEnvironment: 'node',
  transform: {
    '^.+\\.[tj]s$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules.join('|')})/)`],
};

const onSqlite = { ...shared, globals: { TEST_DATABASE: 'sqlite' } };
const onPostgres = {
  ...shared,
  globals: { TEST_DATABASE: 'postgres' },
  globalSetup: '<rootDir>/test/support/create-postgres-template.ts',
  globalTeardown: '<rootDir>/test/support/drop-postgres-template.ts',
};

const endToEnd = { testMatch: ['<rootDir>/{test,examples}/**/*.e2e-spec.ts'] };

// Each suite runs on both databases, except those of two kinds of folders: `sqlite` and `postgres`
// have the faults of one database, and `any-database` has those in which the database takes no part,
// such as the memory of pipelined requests or an outage of Redis. One run of these is enough. The
// runner runs `*.load-spec.ts`, which measure, alone.
const faults = (foldersOfOther) => ({
  testMatch: ['<rootDir>/test/faults/**/*.{fault,load}-spec.ts'],
  runner: '<rootDir>/test/support/fault-runner.js',
  testPathIgnorePatterns: foldersOfOther.map((folder) => `<rootDir>/test/faults/${folder}/`),
  ...longTests,
});

/** @type {import('jest').Config} */
module.exports = {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{src,scripts,test/support}/**/*.spec.ts'],
    },
    { ...onSqlite, ...endToEnd, displayName: 'e2e' },
    { ...onPostgres, ...endToEnd, displayName: 'postgres' },
    {
      ...onSqlite,
      displayName: 'browser',
      testMatch: ['<rootDir>/test/browser/**/*.browser-spec.ts'],
      ...longTests,
    },
    {
      ...shared,
      displayName: 'docs',
      testMatch: ['<rootDir>/test/docs/**/*.docs-spec.ts'],
    },
    { ...onSqlite, ...faults(['postgres']), displayName: 'faults' },
    { ...onPostgres, ...faults(['sqlite', 'any-database']), displayName: 'faults-postgres' },
  ],
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.spec.ts'],
  testTimeout: 30_000,
  // A worker for each core: Jest's default leaves one idle, and tests wait as often as they compute.
  maxWorkers: '100%',
  // Suites leave memory behind: without a limit, workers grow to 3 GB, and collect garbage for a tenth of their time.
  workerIdleMemoryLimit: '700MB',
  // On a busy machine, a worker takes longer than the default of half a second to exit, and Jest would
  // report a leak. One with open handles does not exit at all.
  workerGracefulExitTimeout: 10_000,
};
