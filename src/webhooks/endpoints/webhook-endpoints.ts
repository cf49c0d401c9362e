import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager, ObjectLiteral } from 'typeorm';
import { type KeysetPage, KeysetPages } from '../../api/keyset-pages';
import type { PageQuery } from '../../api/page.dto';
import { databaseTime } from '../../database/database-time';
import { hydrate } from '../../database/hydrate';
import { isPostgres } from '../../database/is-postgres';
import { namedQuery } from '../../database/named-query';
import { SqlExpression, insertStatement } from '../../database/returning';
import { Transactions } from '../../database/transactions';
import { EventLog } from '../../events/event-log';
import { WebhookWorker } from '../delivery/webhook-worker';
import { EndpointSecrets } from '../secrets/endpoint-secrets';
import { WebhookEndpoint } from '../webhook-endpoint.entity';
import type { CreateWebhookRequest } from '../webhook.dto';
import { WebhookLimitReachedError, WebhookNotFoundError } from '../webhooks.errors';
import { Destinations } from './destinations';
import { type EndpointAccess, IS_ACCESSIBLE } from './endpoint-access';

/** How many endpoints a user may have, of each scope. */
export const MAX_ENDPOINTS = 5;

/** The first key of the advisory locks on PostgreSQL under which a user's endpoints are counted. */
const CREATION_LOCK = 1_795_305_612;

/** An endpoint with its new secret, which is returned only once. */
export interface EndpointWithSecret {
  readonly endpoint: WebhookEndpoint;
  readonly secret: string;
}

/** Creates, lists and deletes endpoints. */
@Injectable()
export class WebhookEndpoints {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly destinations: Destinations,
    private readonly log: EventLog,
    private readonly secrets: EndpointSecrets,
    private readonly worker: WebhookWorker,
    private readonly pages: KeysetPages,
  ) {}

  /**
   * Creates an endpoint that receives the events from now on.
   * @throws ValidationFailedError, WebhookUrlForbiddenError, WebhookLimitReachedError
   */
  async create(
    { scope, userId }: EndpointAccess,
    { url, event_types, description }: CreateWebhookRequest,
  ): Promise<EndpointWithSecret> {
    const href = await this.destinations.check(url);
    const position = await this.log.latestPosition();
    const now = () => databaseTime(this.dataSource);
    const row = {
      userId,
      scope,
      url: href,
      eventTypes: event_types ?? null,
      description: description ?? null,
      status: 'enabled' as const,
      secret: '', // sealed with the id of the row
      secretKeyId: '',
      position,
      createdAt: now,
      updatedAt: now,
    };
    return this.transactions.run(async (tx) => {
      const { manager } = tx;
      await lockCreations(manager, userId);
      const { sql, parameters } = insertStatement(manager, WebhookEndpoint, row, belowLimit(row));
      const rows = await namedQuery<ObjectLiteral>(manager, sql, parameters);
      const [endpoint] = hydrate<WebhookEndpoint>(manager, WebhookEndpoint, rows);
      if (!endpoint) throw new WebhookLimitReachedError(MAX_ENDPOINTS);
      const { sealed, keyId, printed } = this.secrets.create(endpoint.id);
      await manager.update(WebhookEndpoint, endpoint.id, { secret: sealed, secretKeyId: keyId });
      tx.afterCommit(() => this.worker.wake(userId));
      return { endpoint, secret: printed };
    });
  }

  /**
   * Lists endpoints, oldest first.
   * @throws InvalidCursorError
   */
  list(access: EndpointAccess, page: PageQuery): Promise<KeysetPage<WebhookEndpoint>> {
    const list = `webhooks of ${access.scope} for ${access.userId}`;
    return this.pages.page(list, page, (last, count) =>
      this.dataSource.manager
        .createQueryBuilder(WebhookEndpoint, 'webhook_endpoints')
        .where(IS_ACCESSIBLE, { ...access })
        .andWhere('webhook_endpoints.id > :after', { after: last?.id ?? 0 })
        .orderBy('webhook_endpoints.id', 'ASC')
        .take(count)
        .getMany(),
    );
  }

  /** @throws WebhookNotFoundError also for an endpoint of another user */
  async get(
    access: EndpointAccess,
    id: number,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<WebhookEndpoint> {
    const endpoint = await manager
      .createQueryBuilder(WebhookEndpoint, 'webhook_endpoints')
      .where(IS_ACCESSIBLE, { ...access })
      .andWhere('webhook_endpoints.id = :id', { id })
      .getOne();
    if (!endpoint) throw new WebhookNotFoundError();
    return endpoint;
  }

  /**
   * Deletes an endpoint with its deliveries. Requests that have begun may still arrive.
   * @throws WebhookNotFoundError
   */
  async delete(access: EndpointAccess, id: number): Promise<void> {
    const { manager } = this.dataSource;
    const { affected } = await manager
      .createQueryBuilder()
      .update(WebhookEndpoint)
      .set({ status: 'paused', disabledReason: null, leaseToken: null, leaseExpiresAt: null })
      .where(IS_ACCESSIBLE, { ...access })
      .andWhere('id = :id', { id })
      .execute();
    if (affected !== 1) throw new WebhookNotFoundError();
    this.worker.abandonTurn(id);
    await deleteDeliveries(manager, id);
    await manager.delete(WebhookEndpoint, id);
  }
}

/** Other creations of the user wait for the commit. SQLite has one writer anyway. */
async function lockCreations(manager: EntityManager, userId: number): Promise<void> {
  if (!isPostgres(manager.dataSource)) return;
  await manager.query('SELECT pg_advisory_xact_lock($1, $2)', [CREATION_LOCK, userId % 2 ** 31]);
}

function belowLimit({ userId, scope }: Pick<WebhookEndpoint, 'userId' | 'scope'>): SqlExpression {
  return new SqlExpression(
    `(SELECT COUNT(*) FROM webhook_endpoints
      WHERE user_id = :ownerId AND scope = :ownScope) < ${MAX_ENDPOINTS}`,
    { ownerId: userId, ownScope: scope },
  );
}

/** In batches, because on SQLite all else waits for a statement. */
async function deleteDeliveries(manager: EntityManager, endpointId: number): Promise<void> {
  const batch = `SELECT position FROM webhook_deliveries WHERE endpoint_id = :endpointId LIMIT 1000`;
  let deleted: number | null | undefined;
  do {
    ({ affected: deleted } = await manager
      .createQueryBuilder()
      .delete()
      .from('webhook_deliveries')
      .where(`endpoint_id = :endpointId AND position IN (${batch})`, { endpointId })
      .execute());
  } while (deleted);
}
