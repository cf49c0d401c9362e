const { exports: exported } = require('./package.json');

/**
 * The foundations, and which of them each may import. Features may import all of them, and other
 * features as listed. A folder of src/ that is in neither list is an error.
 */
const LAYERS = {
  config: [],
  common: ['config'],
  errors: ['common'],
  logging: ['config', 'common'],
  database: ['config', 'common'],
  api: ['config', 'common', 'errors', 'database'],
};

const FOUNDATIONS = Object.keys(LAYERS);

const FEATURES = {
  ...LAYERS,
  http: FOUNDATIONS,
  openapi: [...FOUNDATIONS, 'http', 'orders'],
  users: FOUNDATIONS,
  'rate-limits': FOUNDATIONS,
  auth: [...FOUNDATIONS, 'users', 'rate-limits'],
  idempotency: FOUNDATIONS,
  orders: [...FOUNDATIONS, 'idempotency'],
  jobs: [...FOUNDATIONS, 'orders'],
  events: [...FOUNDATIONS, 'orders'],
  statistics: [...FOUNDATIONS, 'orders', 'events'],
  webhooks: [...FOUNDATIONS, 'events'],
  backups: FOUNDATIONS,
  health: FOUNDATIONS,
  problems: FOUNDATIONS,
  metrics: [...FOUNDATIONS, 'http', 'orders'],
  tracing: [...FOUNDATIONS, 'http'],
  cli: [...FOUNDATIONS, 'users', 'orders', 'events', 'statistics', 'idempotency'],
};

/** The files of src/ that modules outside of it may import; `docs/extending.md` describes them. */
const PUBLIC_FILES = Object.values(exported).map((file) =>
  file.replace('./dist/', '').replace(/js$/, 'ts'),
);

/** The files that migrations may import. A change to them must not alter released migrations. */
const MIGRATION_TOOLS = '^src/database/(table-columns|postgres/concurrent-indexes)\\.ts$';

const EXAMPLE_TESTS = '^examples/[^/]+/test/';

const directions = Object.entries(FEATURES).map(([feature, allowed]) => ({
  name: `imports-of-${feature}`,
  comment: `src/${feature} may import: ${[feature, ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^src/${feature}/` },
  to: { path: '^src/', pathNot: `^src/(${[feature, ...allowed].join('|')})/` },
}));

/** A library that one folder alone may import. Features call a class of src/common instead. */
const stayBehindOneFolder = (folder, library, substitute) => [
  {
    name: `${folder}-behind-one-folder`,
    comment: `Features call ${substitute} of src/common, and load nothing when it is off`,
    severity: 'error',
    from: { path: '^(src|migrations|test|examples)/', pathNot: `^src/${folder}/` },
    to: { path: `node_modules/${library}/` },
  },
  {
    name: `nothing-needs-${folder}`,
    severity: 'error',
    from: { path: '^src/[^/]+/', pathNot: `^src/${folder}/` },
    to: { path: `^src/${folder}/` },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...directions,
    {
      name: 'no-unlisted-module',
      comment: 'A new folder under src/ needs its directions in FEATURES',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${Object.keys(FEATURES).join('|')})/` },
      to: {},
    },
    {
      name: 'migrations-are-frozen',
      comment:
        'A released migration never changes, so it imports nothing that changes with the entities',
      severity: 'error',
      from: { path: '^migrations/' },
      to: { path: '^src/', pathNot: MIGRATION_TOOLS },
    },
    {
      name: 'migrations-of-examples-are-frozen',
      severity: 'error',
      from: { path: '^examples/[^/]+/migrations/' },
      to: { path: '^(src|examples)/', pathNot: MIGRATION_TOOLS },
    },
    {
      name: 'nothing-needs-an-example',
      comment:
        'An example stands for a module of another team, which the application does not know',
      severity: 'error',
      from: { path: '^(src|migrations|test)/' },
      to: { path: '^examples/' },
    },
    {
      name: 'examples-import-public-files-only',
      comment: 'A module outside of src/ imports only what `exports` in package.json lists',
      severity: 'error',
      from: { path: '^examples/[^/]+/[^/]+$', pathNot: '^examples/client/' },
      to: {
        path: '^(src|migrations|test)/',
        pathNot: `^(${PUBLIC_FILES.join('|').replaceAll('.', String.raw`\.`)})$`,
      },
    },
    {
      name: 'clients-know-the-wire-only',
      severity: 'error',
      from: { path: '^examples/client/[^/]+$' },
      to: { path: '^(src|migrations|test)/' },
    },
    {
      name: 'bench-measures-the-build',
      comment: 'Contenders run as processes, and nothing of the application depends on them',
      severity: 'error',
      from: { path: '^bench/' },
      to: { path: '^(src|migrations|test|examples)/' },
    },
    {
      name: 'nothing-needs-the-bench',
      severity: 'error',
      from: { path: '^(src|migrations|test|examples)/' },
      to: { path: '^bench/' },
    },
    ...stayBehindOneFolder('metrics', 'prom-client', 'Measurements'),
    ...stayBehindOneFolder('tracing', '@opentelemetry', 'Tracing'),
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'not-to-dev-dependencies',
      comment: 'Clients are exempt: their dependencies are not installed with the application',
      severity: 'error',
      from: {
        path: '^(src|migrations|examples)/',
        pathNot: ['\\.spec\\.ts$', EXAMPLE_TESTS, '^examples/client/'],
      },
      to: { dependencyTypes: ['npm-dev'] },
    },
    {
      name: 'not-to-unlisted-dependencies',
      severity: 'error',
      from: { path: '^(src|migrations|examples)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'] },
    },
    {
      name: 'no-tests-in-production-code',
      severity: 'error',
      from: { path: '^(src|migrations|examples)/', pathNot: ['\\.spec\\.ts$', EXAMPLE_TESTS] },
      to: { path: ['^test/', EXAMPLE_TESTS, '\\.spec\\.ts$'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^bench/(dist|node_modules)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
