import type { EntityManager } from 'typeorm';
import { databaseTime } from '../../database/database-time';
import { namedQuery } from '../../database/named-query';
import { valueRows } from '../../database/value-rows';
import { earlierAttempts } from './earlier-attempts';
import type { DeliveryChange, TurnChanges } from './turn-progress';

const DAY_SECONDS = 86_400;

/** How long the row of an event is kept after its end, in seconds. */
export const KEPT_SECONDS = { delivered: 7 * DAY_SECONDS, parked: 30 * DAY_SECONDS };

const DELIVERY_COLUMNS = {
  endpoint_id: 'bigint',
  position: 'bigint',
  order_id: 'bigint',
  sequence: 'integer',
  event_type: 'text',
  status: 'text',
  attempts: 'integer',
  retries_left: 'integer',
  response_status: 'integer',
  failure: 'text',
  duration_ms: 'integer',
  replay: 'integer',
  delay_seconds: 'integer',
} as const;

/** What changes in the row of a delivery. */
const WRITTEN_COLUMNS = [
  'status',
  'attempts',
  'retries_left',
  'response_status',
  'failure',
  'duration_ms',
  'replay',
  'attempted_at',
  'expires_at',
];

type DeliveryRow = ReturnType<typeof deliveryRowsOf>[number];

/** Writes the outcomes of turns. */
export async function writeDeliveries(
  manager: EntityManager,
  turns: readonly TurnChanges[],
): Promise<void> {
  const deliveries = turns.flatMap(deliveryRowsOf);
  if (deliveries.length > 0) await upsertDeliveries(manager, deliveries);
  const later = turns.flatMap(laterEventsOf);
  if (later.length > 0) await rescheduleLaterEvents(manager, later);
}

async function upsertDeliveries(manager: EntityManager, rows: DeliveryRow[]): Promise<void> {
  const { dataSource } = manager;
  const changed = valueRows(dataSource, DELIVERY_COLUMNS, rows);
  const now = databaseTime(dataSource);
  const afterDelay = databaseTime(dataSource, 'delay_seconds');
  // An event that waits is due with the one that it waits for. That one may be in this statement: then
  // it is postponed by the next one.
  const ofEarlier = `(SELECT MAX(next_attempt_at) FROM webhook_deliveries AS earlier
    WHERE earlier.endpoint_id = changed.endpoint_id AND earlier.order_id = changed.order_id
      AND earlier.sequence < changed.sequence AND earlier.next_attempt_at IS NOT NULL)`;
  const { delivered, parked } = KEPT_SECONDS;
  await namedQuery(
    manager,
    `INSERT INTO webhook_deliveries (endpoint_id, position, order_id, sequence, event_type, status,
       attempts, retries_left, response_status, failure, duration_ms, replay, created_at,
       attempted_at, next_attempt_at, expires_at)
     SELECT endpoint_id, position, order_id, sequence, event_type, status, attempts, retries_left,
       response_status, failure, duration_ms, replay, ${now},
       CASE WHEN attempts > 0 THEN ${now} END,
       CASE status WHEN 'retrying' THEN ${afterDelay}
         WHEN 'waiting' THEN COALESCE(${ofEarlier}, ${now}) END,
       CASE status WHEN 'delivered' THEN ${databaseTime(dataSource, delivered)}
         WHEN 'parked' THEN ${databaseTime(dataSource, parked)} END
     FROM (${changed.sql}) AS changed WHERE TRUE
     ON CONFLICT (endpoint_id, position) DO UPDATE SET
       earlier_attempts = ${earlierAttempts(dataSource)},
       ${WRITTEN_COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')},
       next_attempt_at = CASE WHEN excluded.status = 'retrying'
         THEN COALESCE(excluded.next_attempt_at, webhook_deliveries.next_attempt_at)
         ELSE excluded.next_attempt_at END`,
    changed.parameters,
  );
}

/** The events that wait for one of their order are due with its retry, or at once after its end. */
async function rescheduleLaterEvents(
  manager: EntityManager,
  later: ReturnType<typeof laterEventsOf>,
): Promise<void> {
  const { sql, parameters } = valueRows(
    manager.dataSource,
    {
      changed_endpoint: 'bigint',
      changed_order: 'bigint',
      changed_sequence: 'integer',
      delay_seconds: 'integer',
    },
    later,
  );
  await namedQuery(
    manager,
    `UPDATE webhook_deliveries SET next_attempt_at = ${databaseTime(manager.dataSource, 'delay_seconds')}
     FROM (${sql}) AS changed
     WHERE endpoint_id = changed_endpoint AND order_id = changed_order AND sequence > changed_sequence
       AND next_attempt_at IS NOT NULL AND status = 'waiting'`,
    parameters,
  );
}

/** Of each order, the last event whose outcome moves the events that wait after it. */
function laterEventsOf({ endpointId, deliveries }: TurnChanges) {
  const last = new Map<number, DeliveryChange>();
  for (const delivery of deliveries.values()) {
    const { orderId, sequence, status, isRetry, delaySeconds } = delivery;
    const isPostponed = status === 'retrying' && delaySeconds !== null;
    const isSettled = isRetry && (status === 'delivered' || status === 'parked');
    const before = last.get(orderId)?.sequence ?? 0;
    if ((isPostponed || isSettled) && sequence > before) last.set(orderId, delivery);
  }
  return Array.from(last.values(), ({ orderId, sequence, status, delaySeconds }) => ({
    changed_endpoint: endpointId,
    changed_order: orderId,
    changed_sequence: sequence,
    delay_seconds: status === 'retrying' ? delaySeconds : 0,
  }));
}

function deliveryRowsOf({ endpointId, replay, deliveries }: TurnChanges) {
  return Array.from(deliveries.values(), (delivery) => ({
    endpoint_id: endpointId,
    position: delivery.position,
    order_id: delivery.orderId,
    sequence: delivery.sequence,
    event_type: delivery.eventType,
    status: delivery.status,
    attempts: delivery.attempts,
    retries_left: delivery.retriesLeft,
    response_status: delivery.responseStatus,
    failure: delivery.failure,
    duration_ms: delivery.durationMs,
    replay,
    delay_seconds: delivery.delaySeconds,
  }));
}
