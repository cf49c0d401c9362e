import type { EntityManager } from 'typeorm';
import type { FoundRows, KeysetPosition } from '../database/keyset-position';
import { MAX_METADATA_ENTRY_LENGTH } from './metadata';
import { type WithMetadata, type WithMetadataKeys, readMetadata } from './order-metadata-rows';

/** How many characters of metadata, as JSON, are read for one page of a list. One order has at most 52,600. */
export const MAX_LISTED_METADATA = 1_000_000;

/**
 * The same for an export, which creates its pages one after the other: with those of lists, one of 100,000 orders
 * took 107 MB instead of 63.
 */
export const MAX_EXPORTED_METADATA = 250_000;

/** What identifies an order of a page, and how much metadata it has. */
export type PageRow = KeysetPosition & WithMetadataKeys;

/** An order whose metadata was not read yet. */
export type FoundOrder<Order extends KeysetPosition & WithMetadata> = Omit<Order, 'metadataJson'> &
  PageRow;

/**
 * Reads the metadata of a page that was found without it, and ends the page before the order with which it
 * could be too much. So no more is read than is returned; nothing is, when no order of the page has any. A patch
 * in between is shown with the `updated_at` from before.
 */
export async function readPageMetadata<Row extends PageRow>(
  manager: EntityManager,
  { rows, endedAt }: FoundRows<Row>,
  maxLength: number,
): Promise<FoundRows<Row & WithMetadata>> {
  const shown: (Row & WithMetadata)[] = [];
  for (let length = 0; shown.length < rows.length;) {
    const batch = takeBatch(rows, shown.length, maxLength - length);
    if (batch.length === 0) return { rows: shown, endedAt: shown.at(-1) };
    const ids = batch.filter(({ metadataKeys }) => metadataKeys > 0).map(({ id }) => id);
    const found = await readMetadata(manager, ids);
    for (const row of batch) {
      const metadataJson = found.get(row.id) ?? null;
      length += metadataJson?.length ?? 0;
      shown.push(Object.assign(row, { metadataJson }));
    }
  }
  return { rows: shown, endedAt };
}

/** The next rows whose metadata is not longer than that, however long its values are; at least the first one. */
function takeBatch<Row extends PageRow>(
  rows: readonly Row[],
  start: number,
  maxLength: number,
): readonly Row[] {
  let length = 0;
  let end = start;
  for (const { metadataKeys } of rows.slice(start)) {
    length += metadataKeys * MAX_METADATA_ENTRY_LENGTH;
    if (length > maxLength) break;
    end += 1;
  }
  return rows.slice(start, Math.max(end, 1));
}
