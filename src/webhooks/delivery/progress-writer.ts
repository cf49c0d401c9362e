import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { anyOf } from '../../database/any-of';
import { databaseTime } from '../../database/database-time';
import { namedQuery } from '../../database/named-query';
import { Transactions } from '../../database/transactions';
import { updateReturning } from '../../database/update-returning';
import { valueRows } from '../../database/value-rows';
import { DISABLED_AFTER_SECONDS, INTERRUPTED_AFTER_SECONDS } from '../sending/retry-schedule';
import type { DisabledReason, EndpointStatus } from '../webhook-endpoint.entity';
import { writeDeliveries } from './delivery-rows';
import type { TurnChanges, TurnLease } from './turn-progress';

/** An endpoint after the progress of its turn was stored. */
export interface StoredEndpoint {
  readonly id: number;
  /** The turn whose progress it is. */
  readonly lease_token: string;
  readonly status: EndpointStatus;
  readonly disabled_reason: DisabledReason | null;
  readonly revision: number;
}

const STORED_COLUMNS = 'id, lease_token, status, disabled_reason, revision';

/** Stores the progress of turns. */
@Injectable()
export class ProgressWriter {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Stores the progress of many turns in one transaction.
   * @param all one turn of an endpoint at most
   * @returns the endpoint of each turn; undefined: its lease is lost, and nothing was stored
   */
  write(all: readonly TurnChanges[]): Promise<(StoredEndpoint | undefined)[]> {
    return this.transactions.run(async ({ manager }) => {
      const endpoints = ofTurns(all, await this.updateEndpoints(manager, all));
      const held = all.filter((_, index) => endpoints[index] !== undefined);
      await writeDeliveries(manager, held);
      return endpoints;
    });
  }

  /** @returns the endpoint of each turn as it is now; undefined: the lease is lost */
  async read(turns: readonly TurnLease[]): Promise<(StoredEndpoint | undefined)[]> {
    const ids = turns.map(({ endpointId }) => endpointId);
    const [areThese, parameters] = anyOf(this.dataSource, 'id', ids);
    const rows = await namedQuery<StoredEndpoint>(
      this.dataSource.manager,
      `SELECT ${STORED_COLUMNS} FROM webhook_endpoints WHERE ${areThese}`,
      parameters,
    );
    return ofTurns(turns, rows);
  }

  private updateEndpoints(
    manager: EntityManager,
    all: readonly TurnChanges[],
  ): Promise<StoredEndpoint[]> {
    const changed = valueRows(
      this.dataSource,
      {
        endpoint_id: 'bigint',
        token: 'text',
        claimed_revision: 'integer',
        reached: 'bigint',
        missed: 'bigint',
        failed_in_row: 'integer',
        succeeded: 'integer',
        failed: 'integer',
        gone: 'integer',
        ends: 'integer',
        pause_seconds: 'integer',
      },
      all.map((changes) => ({
        endpoint_id: changes.endpointId,
        token: changes.leaseToken,
        claimed_revision: changes.revision,
        reached: changes.position,
        missed: changes.missedThrough,
        failed_in_row: changes.failures,
        succeeded: Number(changes.hasSucceeded),
        failed: Number(changes.hasFailed),
        gone: Number(changes.isGone),
        ends: Number(changes.ends),
        pause_seconds: changes.pauseSeconds,
      })),
    );
    const now = databaseTime(this.dataSource);
    // What the owner has changed meanwhile counts: it may be the end of failures.
    const isCurrent = 'revision = claimed_revision';
    // After a long time without attempts, the failures before do not show that it fails since then.
    const isInterrupted = `turn_ended_at IS NOT NULL
      AND turn_ended_at < ${databaseTime(this.dataSource, -INTERRUPTED_AFTER_SECONDS)}`;
    const isFailing = `failed = 1 AND succeeded = 0 AND NOT (${isInterrupted})
      AND failing_since <= ${databaseTime(this.dataSource, -DISABLED_AFTER_SECONDS)}`;
    const isDisabled = `${isCurrent} AND status = 'enabled' AND (gone = 1 OR (${isFailing}))`;
    return updateReturning<StoredEndpoint>(
      manager,
      `UPDATE webhook_endpoints SET
         position = reached,
         missed_through = COALESCE(missed, missed_through),
         failures = CASE WHEN ${isCurrent} THEN failed_in_row ELSE failures END,
         failing_since = CASE
           WHEN NOT (${isCurrent}) THEN failing_since
           WHEN failed_in_row = 0 THEN NULL
           WHEN succeeded = 1 OR (${isInterrupted}) THEN ${now}
           ELSE COALESCE(failing_since, ${now}) END,
         last_success_at = CASE WHEN succeeded = 1 THEN ${now} ELSE last_success_at END,
         not_before = CASE WHEN ends = 1 AND ${isCurrent}
           THEN ${databaseTime(this.dataSource, 'pause_seconds')} ELSE not_before END,
         lease_expires_at = CASE WHEN ends = 0 THEN lease_expires_at END,
         turn_ended_at = CASE WHEN ends = 1 THEN ${now} ELSE turn_ended_at END,
         disabled_reason = CASE WHEN ${isDisabled}
           THEN (CASE WHEN gone = 1 THEN 'gone' ELSE 'failing' END) ELSE disabled_reason END,
         updated_at = CASE WHEN ${isDisabled} THEN ${now} ELSE updated_at END,
         status = CASE WHEN ${isDisabled} THEN 'disabled' ELSE status END
       FROM (${changed.sql}) AS changed
       WHERE id = endpoint_id AND lease_token = token
       RETURNING ${STORED_COLUMNS}`,
      changed.parameters,
    );
  }
}

/** An endpoint can have another turn meanwhile: its token distinguishes them. */
function ofTurns(
  turns: readonly TurnLease[],
  rows: readonly StoredEndpoint[],
): (StoredEndpoint | undefined)[] {
  const endpoints = new Map(rows.map((row) => [row.id, row]));
  return turns.map(({ endpointId, leaseToken }) => {
    const endpoint = endpoints.get(endpointId);
    return endpoint?.lease_token === leaseToken ? endpoint : undefined;
  });
}
