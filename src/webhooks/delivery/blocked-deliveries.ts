/**
 * SQL of a condition: an earlier event of the same order is due later, so this one has to wait for it.
 * @param delivery the alias of a row of `webhook_deliveries`
 * @param time after which the earlier event is due; absent: at any time
 */
export function isBlocked(delivery: string, time?: string): string {
  return `EXISTS (SELECT 1 FROM webhook_deliveries AS earlier
    WHERE earlier.endpoint_id = ${delivery}.endpoint_id AND earlier.order_id = ${delivery}.order_id
      AND earlier.sequence < ${delivery}.sequence
      AND earlier.next_attempt_at ${time === undefined ? 'IS NOT NULL' : `> ${time}`})`;
}
