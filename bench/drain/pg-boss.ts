/** pg-boss 10: fetches jobs in batches of 100 and completes each batch with one statement. */
import { randomUUID } from 'node:crypto';
import PgBoss from 'pg-boss';
import { measureQueue } from './measure-queue';

const BATCH = 100;

async function measure(): Promise<void> {
  const boss = new PgBoss({
    connectionString: process.env['DATABASE_URL'] ?? '',
    supervise: false,
    schedule: false,
  });
  boss.on('error', (error) => process.stderr.write(`${error.message}\n`));
  await boss.start();
  let queue = '';
  await measureQueue({
    prepare: async (count) => {
      queue = `orders-${randomUUID()}`;
      await boss.createQueue(queue);
      for (let first = 0; first < count; first += 1_000) {
        const jobs = Array.from({ length: Math.min(1_000, count - first) }, (_, index) => ({
          name: queue,
          data: { id: first + index },
        }));
        await boss.insert(jobs);
      }
      await boss.getDb().executeSql('VACUUM ANALYZE pgboss.job', []);
    },
    drain: async () => {
      let completed = 0;
      for (;;) {
        const jobs = await boss.fetch(queue, { batchSize: BATCH });
        if (jobs.length === 0) return completed;
        await boss.complete(
          queue,
          jobs.map(({ id }) => id),
        );
        completed += jobs.length;
      }
    },
    findBackends: async (sql) => (await boss.getDb().executeSql(sql, [])).rows,
  });
  await boss.stop({ graceful: false });
}

void measure();
