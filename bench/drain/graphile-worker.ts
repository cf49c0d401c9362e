/** graphile-worker 0.16: it has no batches; each of 20 workers claims and completes job after job. */
import { Logger, makeWorkerUtils, runOnce } from 'graphile-worker';
import { Pool } from 'pg';
import { measureQueue } from './measure-queue';

const CONCURRENCY = 20;

async function measure(): Promise<void> {
  const connectionString = process.env['DATABASE_URL'] ?? '';
  const pgPool = new Pool({ connectionString, max: CONCURRENCY + 1 });
  const logger = new Logger(() => () => undefined);
  const utils = await makeWorkerUtils({ pgPool, logger });
  await utils.migrate();
  let completed = 0;
  await measureQueue({
    prepare: async (count) => {
      completed = 0;
      await pgPool.query(
        `SELECT graphile_worker.add_job('order', json_build_object('id', n))
         FROM generate_series(1, $1::integer) AS n`,
        [count],
      );
      await pgPool.query('VACUUM ANALYZE graphile_worker._private_jobs');
    },
    drain: async () => {
      const taskList = {
        order: () => {
          completed++;
        },
      };
      await runOnce({ pgPool, logger, concurrency: CONCURRENCY, taskList });
      return completed;
    },
    findBackends: async (sql) => (await pgPool.query<{ pid: number }>(sql)).rows,
  });
  await utils.release();
  await pgPool.end();
}

void measure();
