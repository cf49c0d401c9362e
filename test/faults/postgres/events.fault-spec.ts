import { setTimeout as delay } from 'node:timers/promises';
import { LogConsumer, checkLog } from '../../support/log-consumer';
import { ServerFleet } from '../../support/server-fleet';
import { waitUntil } from '../../support/wait-until';

describe('the log of events on PostgreSQL', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_ENABLED: 'false' });

  it('fault 33: is delayed by an open transaction for the events of that transaction only', async () => {
    const [server, other] = [await fleet.start(), await fleet.start()];
    const admin = await fleet.signUpAdmin(server.api);
    const consumer = new LogConsumer({ url: () => other.api.url, token: admin.token! });
    const held = await admin.placeOrder();
    await waitUntil(() => consumer.events.length === 1);
    await fleet.inspect(async (database) => {
      const runner = database.createQueryRunner();
      await runner.startTransaction();
      await runner.query(
        `INSERT INTO order_history (order_id, sequence, from_status, to_status, actor_type, created_at)
         VALUES (${held.id}, 2, 'pending', 'cancelled', 'user', statement_timestamp())`,
      );
      const ids = await admin.placeOrders(5);
      await waitUntil(() => consumer.events.length === 6);
      expect(consumer.events.slice(1).map(({ data }) => data.order_id)).toEqual(ids);
      await runner.commitTransaction();
      await runner.release();
    });
    await waitUntil(() => consumer.events.length === 7);
    expect(consumer.events.at(-1)).toMatchObject({ id: `evt_${held.id}_2`, position: 7 });
    await consumer.stop();
    checkLog(consumer.events);
  });

  it('fault 33: goes on while another process holds the lock of the numbering for some time', async () => {
    const server = await fleet.start();
    const admin = await fleet.signUpAdmin(server.api);
    const consumer = new LogConsumer({ url: () => server.api.url, token: admin.token! });
    await fleet.inspect(async (database) => {
      const runner = database.createQueryRunner();
      await runner.startTransaction();
      await runner.query(`SELECT 1 FROM log_readers WHERE name = 'log' FOR UPDATE`);
      await admin.placeOrders(3);
      await admin.get('/health/ready').expect(200);
      await delay(1_500); // longer than the interval of a poll
      expect(consumer.events).toEqual([]);
      await runner.rollbackTransaction();
      await runner.release();
    });
    await waitUntil(() => consumer.events.length === 3);
    await consumer.stop();
    checkLog(consumer.events);
  });
});
