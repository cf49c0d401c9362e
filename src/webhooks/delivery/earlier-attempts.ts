import type { DataSource } from 'typeorm';
import { isPostgres } from '../../database/is-postgres';
import { MAX_EARLIER_ATTEMPTS } from '../webhook-delivery.entity';

/**
 * SQL for the new value of `earlier_attempts` when an upsert into `webhook_deliveries` replaces an attempt:
 * the attempt of the row is appended to those before it, and the oldest one is dropped. A first attempt
 * replaces none. An attempt that is written twice, because the result of a commit was unknown, is the same one.
 */
export function earlierAttempts(dataSource: DataSource): string {
  return `CASE WHEN webhook_deliveries.attempted_at IS NOT NULL
      AND (excluded.replay, excluded.attempts, excluded.failure) IS DISTINCT FROM
        (webhook_deliveries.replay, webhook_deliveries.attempts, webhook_deliveries.failure)
    THEN ${isPostgres(dataSource) ? APPENDED_ON_POSTGRES : APPENDED_ON_SQLITE}
    ELSE webhook_deliveries.earlier_attempts END`;
}

/** The members of an object in JSON. */
const ATTEMPT = ['attempted_at', 'response_status', 'failure', 'duration_ms']
  .map((column) => `'${column}', webhook_deliveries.${column}`)
  .join(', ');

const APPENDED_ON_POSTGRES = `(CASE
  WHEN webhook_deliveries.earlier_attempts IS NULL THEN '[]'::jsonb
  WHEN jsonb_array_length(webhook_deliveries.earlier_attempts) < ${MAX_EARLIER_ATTEMPTS}
    THEN webhook_deliveries.earlier_attempts
  ELSE webhook_deliveries.earlier_attempts - 0 END
  || jsonb_build_array(jsonb_build_object(${ATTEMPT})))`;

const APPENDED_ON_SQLITE = `json_insert(CASE
  WHEN webhook_deliveries.earlier_attempts IS NULL THEN '[]'
  WHEN json_array_length(webhook_deliveries.earlier_attempts) < ${MAX_EARLIER_ATTEMPTS}
    THEN webhook_deliveries.earlier_attempts
  ELSE json_remove(webhook_deliveries.earlier_attempts, '$[0]') END,
  '$[#]', json_object(${ATTEMPT}))`;
