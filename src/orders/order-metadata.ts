import { Injectable } from '@nestjs/common';
import type { EntityManager, ObjectLiteral } from 'typeorm';
import { databaseTimeAfter } from '../database/database-time';
import { columnsOf, hydrate } from '../database/hydrate';
import { isPostgres } from '../database/is-postgres';
import { largerOf } from '../database/larger-of';
import { namedQuery } from '../database/named-query';
import { executeReturning } from '../database/returning';
import { Transactions } from '../database/transactions';
import { PreconditionFailedError, ValidationFailedError } from '../errors/common.errors';
import {
  MAX_METADATA_KEYS,
  type MetadataPatch,
  mergeMetadata,
  metadataChanges,
  parseMetadata,
} from './metadata';
import { orderEtag } from './order-etag';
import { type OrderWithMetadata, withMetadata, writeMetadata } from './order-metadata-rows';
import { Order } from './order.entity';
import { OrderNotFoundError } from './orders.errors';

/** Changes the metadata of orders, in any status. It is no transition. */
@Injectable()
export class OrderMetadata {
  constructor(private readonly transactions: Transactions) {}

  /**
   * Merges a patch into the metadata of an order, which stays locked until the commit. A patch that changes
   * nothing leaves the entity tag and `updated_at`.
   * @param ifMatch entity tags, one of which must be that of the order
   * @throws OrderNotFoundError when the order was deleted in the meantime
   * @throws PreconditionFailedError when the order has another entity tag
   * @throws ValidationFailedError when the order would have too many keys
   */
  patch(
    { id }: Pick<Order, 'id'>,
    patch: MetadataPatch,
    ifMatch?: ReadonlySet<string>,
  ): Promise<OrderWithMetadata> {
    return this.transactions.run(async ({ manager }) => {
      const order = await withMetadata(manager, await lockOrder(manager, id));
      if (ifMatch && !ifMatch.has(orderEtag(order))) throw new PreconditionFailedError();
      const before = parseMetadata(order.metadataJson);
      const after = mergeMetadata(before, patch);
      const count = Object.keys(after).length;
      if (count > MAX_METADATA_KEYS) throw tooManyKeys(count);
      const changes = metadataChanges(before, after);
      if (changes.removedKeys.length === 0 && changes.written.length === 0) return order;
      await writeMetadata(manager, id, changes);
      const changed = await incrementMetadataVersion(manager, id);
      return Object.assign(changed, { metadataJson: JSON.stringify(after) });
    });
  }
}

/** What follows sees the metadata as of the lock. On SQLite the transaction is the only one that writes. */
async function lockOrder(manager: EntityManager, id: number): Promise<Order> {
  const lock = isPostgres(manager.dataSource) ? 'FOR NO KEY UPDATE' : '';
  const rows = await namedQuery<ObjectLiteral>(
    manager,
    `SELECT ${columnsOf(manager, Order)} FROM orders WHERE id = :id ${lock}`,
    { id },
  );
  const [order] = hydrate(manager, Order, rows);
  if (!order) throw new OrderNotFoundError();
  return order;
}

/** To 2 at least, because 1 is that of an order which was placed with metadata and not changed since. */
async function incrementMetadataVersion(manager: EntityManager, id: number): Promise<Order> {
  const update = manager
    .createQueryBuilder()
    .update(Order)
    .set({
      metadataVersion: () => `${largerOf(manager.dataSource, 'metadata_version', '1')} + 1`,
      updatedAt: () => databaseTimeAfter(manager.dataSource, 'updated_at'),
    })
    .where({ id });
  const [order] = await executeReturning(manager, Order, update);
  if (!order) throw new TypeError('A locked order is gone');
  return order;
}

function tooManyKeys(count: number): ValidationFailedError {
  const rule = `may have at most ${MAX_METADATA_KEYS} keys, and would have ${count}`;
  return ValidationFailedError.ofField('metadata', rule);
}
