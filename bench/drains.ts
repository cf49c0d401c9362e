import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DATABASE_KINDS,
  type Database,
  type DatabaseKind,
  createDatabase,
  measuredDatabases,
} from './databases';
import { type DrainResult, RESULT_FILE } from './drain/measure-queue';
import { log } from './log';
import { median } from './median';
import type { Options } from './options';
import { run } from './processes';
import { JWT_SECRET } from './servers';

/** A job queue that completes due jobs without work. */
interface DrainContender {
  readonly name: string;
  readonly script: 'this' | 'pg-boss' | 'graphile-worker';
  readonly databases: readonly DatabaseKind[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface DrainMeasurement extends DrainResult {
  readonly name: string;
  readonly database: DatabaseKind;
}

const CONTENDERS: readonly DrainContender[] = [
  { name: 'this, by default (50 at a time)', script: 'this', databases: DATABASE_KINDS },
  {
    name: 'this, 200 at a time',
    script: 'this',
    databases: DATABASE_KINDS,
    environment: { PROCESSING_CONCURRENCY: '200', PROCESSING_BATCH_SIZE: '100' },
  },
  { name: 'pg-boss 10, batches of 100', script: 'pg-boss', databases: ['PostgreSQL'] },
  {
    name: 'graphile-worker 0.16, 20 workers',
    script: 'graphile-worker',
    databases: ['PostgreSQL'],
  },
];

/** No run starts by itself. */
const NEVER = '0 0 0 1 1 *';

/** Drains the queues in turns, each in a process and a database of its own. */
export async function measureDrains(folder: string, options: Options): Promise<DrainMeasurement[]> {
  const lanes: Lane[] = [];
  try {
    for (const contender of CONTENDERS) {
      if (options.isQuick && contender.environment) continue; // a variant of another contender
      for (const kind of measuredDatabases(options)) {
        if (!contender.databases.includes(kind)) continue;
        const place = join(folder, `drain-${lanes.length}`);
        mkdirSync(place, { recursive: true });
        const database = await createDatabase(kind, `drain_${lanes.length}`, place, options);
        lanes.push({ contender, database, folder: place, results: [] });
      }
    }
    for (let round = 0; round < options.drain.rounds; round++) {
      for (const lane of lanes) lane.results.push(await drain(lane, options));
    }
    return lanes.map(summarize);
  } finally {
    for (const { database } of lanes) await database.drop();
  }
}

interface DrainTarget {
  readonly contender: Pick<DrainContender, 'script' | 'environment'>;
  readonly database: Database;
  readonly folder: string;
}

interface Lane extends DrainTarget {
  readonly contender: DrainContender;
  readonly results: DrainResult[];
}

/** Drains a queue once, in a process of its own. */
export async function drain(
  { contender, database, folder }: DrainTarget,
  options: Options,
): Promise<DrainResult> {
  await run(options.node, [join(__dirname, 'drain', `${contender.script}.js`)], {
    cwd: folder,
    isSilent: true,
    env: {
      PATH: process.env['PATH'],
      JWT_SECRET,
      PROCESSING_CRON: NEVER,
      BENCH_JOBS: `${options.drain.orders}`,
      ...database.environment,
      ...contender.environment,
    },
  });
  return JSON.parse(readFileSync(join(folder, RESULT_FILE), 'utf8')) as DrainResult;
}

function summarize({ contender, database, results }: Lane): DrainMeasurement {
  const postgres = results.flatMap(({ postgresMicroseconds }) => postgresMicroseconds ?? []);
  const measurement = {
    name: contender.name,
    database: database.kind,
    jobsPerSecond: median(results.map(({ jobsPerSecond }) => jobsPerSecond)),
    cpuMicroseconds: median(results.map(({ cpuMicroseconds }) => cpuMicroseconds)),
    postgresMicroseconds: postgres.length > 0 ? median(postgres) : null,
  };
  log(`drain on ${database.kind}, ${contender.name}: ${measurement.jobsPerSecond | 0}/s`);
  return measurement;
}
