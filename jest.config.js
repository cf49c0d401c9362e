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

const endToEnd = {
  ...shared,
  testMatch: ['<rootDir>/{test,examples}/**/*.e2e-spec.ts'],
};

// Faults of one database only have a folder of its name.
const faults = (database, other) => ({
  ...shared,
  testMatch: ['<rootDir>/test/faults/**/*.fault-spec.ts'],
  testPathIgnorePatterns: [`<rootDir>/test/faults/${other}/`],
  globals: { TEST_DATABASE: database },
  ...longTests,
});

/** @type {import('jest').Config} */
module.exports = {
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/{src,scripts}/**/*.spec.ts'] },
    { ...endToEnd, displayName: 'e2e', globals: { TEST_DATABASE: 'sqlite' } },
    { ...endToEnd, displayName: 'postgres', globals: { TEST_DATABASE: 'postgres' } },
    {
      ...shared,
      displayName: 'browser',
      testMatch: ['<rootDir>/test/browser/**/*.browser-spec.ts'],
      globals: { TEST_DATABASE: 'sqlite' },
      ...longTests,
    },
    {
      ...shared,
      displayName: 'docs',
      testMatch: ['<rootDir>/test/docs/**/*.docs-spec.ts'],
    },
    { ...faults('sqlite', 'postgres'), displayName: 'faults' },
    { ...faults('postgres', 'sqlite'), displayName: 'faults-postgres' },
  ],
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.spec.ts'],
  testTimeout: 30_000,
};
