import type { ServerFleet } from './server-fleet';

/** Ends the leases of servers that were killed; another one would wait for a minute. */
export function expireEndpointLeases(fleet: ServerFleet): Promise<unknown> {
  return fleet.inspect((database) =>
    database.query(
      `UPDATE webhook_endpoints SET lease_expires_at = '2020-01-01T00:00:00.000Z', not_before = NULL
       WHERE lease_token IS NOT NULL`,
    ),
  );
}

/** The ids of all events, by the history of the database. */
export function eventIdsOf(fleet: ServerFleet): Promise<string[]> {
  return fleet.inspect(async (database) => {
    const rows = await database.query<{ order_id: number; sequence: number }[]>(
      'SELECT order_id, sequence FROM order_history ORDER BY order_id, sequence',
    );
    return rows.map(({ order_id, sequence }) => `evt_${order_id}_${sequence}`);
  });
}

/** Whether no order is pending or processing. */
export function areOrdersSettled(fleet: ServerFleet): Promise<boolean> {
  return fleet.inspect(async (database) => {
    const sql = `SELECT 1 FROM orders WHERE status IN ('pending', 'processing') LIMIT 1`;
    return (await database.query<unknown[]>(sql)).length === 0;
  });
}
