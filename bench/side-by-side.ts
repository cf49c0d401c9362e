import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Database, type DatabaseKind, createDatabase, measuredDatabases } from './databases';
import { log } from './log';
import { type Measurement, type Targets, measureWork } from './measure';
import { median } from './median';
import type { Options } from './options';
import { DEFAULT_COST, LOWEST_COST, hashPassword } from './passwords';
import { residentMegabytes } from './processes';
import { insertOrders, insertPlainOrders, insertUsers } from './seed';
import { CONTENDERS, type Contender, Server } from './servers';
import { accessTokens } from './tokens';
import { LOGINS, WORKS, type Work } from './works';

/** What a server needs besides CPU time. */
export interface Footprint {
  readonly contender: Contender;
  readonly database: DatabaseKind;
  /** Median of the starts with existing tables; in a quick run, the start that creates them. */
  readonly readyMs: number;
  /** Resident memory before the first request, and after all of them. */
  readonly idleMegabytes: number;
  readonly loadedMegabytes: number;
  readonly requests: number;
}

export interface Outcome {
  readonly measurements: readonly Measurement[];
  readonly footprints: readonly Footprint[];
}

/** The garbage of the start is collected meanwhile, or never. */
const IDLE_MS = 2_000;

/** Measures the works that the options select, on one database after the other. */
export async function measureSideBySide(folder: string, options: Options): Promise<Outcome> {
  const names = [...WORKS, ...LOGINS].map(({ name }) => name);
  const unknown = options.only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`"${unknown}" is none of: ${names.join(', ')}`);
  // First, because a busy machine rejects logins, which fails the run.
  const logins = selectWorks(LOGINS, 'SQLite', options);
  const once = { ...options, starts: 0 }; // starts are measured with the other works
  const login = await measureWorks(logins, 'SQLite', join(folder, 'login'), once, DEFAULT_COST);
  const outcomes: Outcome[] = [];
  for (const kind of measuredDatabases(options)) {
    const works = selectWorks(WORKS, kind, options);
    outcomes.push(await measureWorks(works, kind, join(folder, kind), options, LOWEST_COST));
  }
  outcomes.push({ measurements: login.measurements, footprints: [] });
  return {
    measurements: outcomes.flatMap(({ measurements }) => measurements),
    footprints: outcomes.flatMap(({ footprints }) => footprints),
  };
}

/** A quick run leaves out what only a long one measures well, or what it measures on SQLite. */
function selectWorks(
  works: readonly Work[],
  kind: DatabaseKind,
  { isQuick, only }: Options,
): Work[] {
  return works.filter(({ name, contenders, beside }) => {
    if (contenders[kind].length === 0) return false;
    if (only.length > 0) return only.includes(name);
    return !isQuick || (!beside && (kind === 'SQLite' || contenders[kind].length > 1));
  });
}

async function measureWorks(
  works: readonly Work[],
  kind: DatabaseKind,
  folder: string,
  options: Options,
  bcryptCost: number,
): Promise<Outcome> {
  if (works.length === 0) return { measurements: [], footprints: [] };
  const contenders = CONTENDERS.filter((name) =>
    works.some((work) => work.contenders[kind].includes(name)),
  );
  const started: Started[] = [];
  try {
    for (const contender of contenders) {
      started.push(await startContender(contender, kind, folder, options, bcryptCost));
    }
    await delay(IDLE_MS);
    const idle = started.map(({ server }) => residentMegabytes(server.pid));
    const targets = await seedAll(started, bcryptCost);
    const measurements: Measurement[] = [];
    for (const work of works) {
      measurements.push(...(await measureWork(work, kind, targets, options)));
    }
    const footprints = started.map(({ server, readyMs }, index) => ({
      contender: server.contender,
      database: kind,
      readyMs,
      idleMegabytes: idle[index] ?? NaN,
      loadedMegabytes: residentMegabytes(server.pid),
      requests: server.requests,
    }));
    return { measurements, footprints };
  } finally {
    for (const { server, database } of started) {
      await server.stop();
      await database.drop();
    }
  }
}

interface Started {
  readonly server: Server;
  readonly database: Database;
  readonly readyMs: number;
}

/** Starts a contender several times, of which the first one creates the tables. */
async function startContender(
  contender: Contender,
  kind: DatabaseKind,
  parent: string,
  options: Options,
  bcryptCost: number,
): Promise<Started> {
  const folder = join(parent, contender.replaceAll(' ', '-'));
  const database = await createDatabase(kind, contender, folder, options);
  const { node, starts } = options;
  const environment = { BCRYPT_COST: `${bcryptCost}` };
  const start = () => Server.start(contender, database, { node, folder, environment });
  try {
    let server = await start();
    const readyMs: number[] = [];
    for (let count = 0; count < starts; count++) {
      await server.stop();
      server = await start();
      readyMs.push(server.readyMs);
    }
    log(`Started ${contender} on ${kind}`);
    return { server, database, readyMs: median(starts > 0 ? readyMs : [server.readyMs]) };
  } catch (error) {
    await database.drop();
    throw error;
  }
}

async function seedAll(started: readonly Started[], bcryptCost: number): Promise<Targets> {
  const targets = new Map<Contender, { server: Server; tokens: string[] }>();
  for (const { server, database } of started) {
    if (server.contender === 'this') {
      await database.execute(`${insertUsers(hashPassword(bcryptCost))}; ${insertOrders()}`);
    } else if (server.contender === 'typical' || server.contender === 'limit') {
      await database.execute(insertPlainOrders());
    }
    const needsTokens = bcryptCost === LOWEST_COST;
    targets.set(server.contender, {
      server,
      tokens: needsTokens ? await accessTokens(server) : [],
    });
  }
  return targets;
}
