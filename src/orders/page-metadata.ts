import type { EntityManager } from 'typeorm';
import type { FoundRows, KeysetPosition } from '../database/keyset-position';
import { MAX_METADATA_ENTRY_LENGTH, MAX_METADATA_KEYS } from './metadata';
import { type WithMetadata, countMetadataKeys, readMetadata } from './order-metadata-rows';
import type { Order } from './order.entity';

/** How many characters of metadata, as JSON, are read for one page of a list. One order has at most 52,600. */
export const MAX_LISTED_METADATA = 1_000_000;

/**
 * The same for an export, which creates its pages one after the other: with those of lists, one of 100,000 orders
 * took 107 MB instead of 63.
 */
export const MAX_EXPORTED_METADATA = 250_000;

/** What identifies an order of a page, and whether it has had metadata. */
export type PageRow = KeysetPosition & Pick<Order, 'metadataVersion'>;

/** An order whose metadata was not read yet. */
export type FoundOrder<Listed extends KeysetPosition & WithMetadata> = Omit<
  Listed,
  'metadataJson'
> &
  PageRow;

/**
 * Reads the metadata of a page that was found without it, and ends the page before the order with which it
 * could be too much. So no more is read than is returned; nothing is, when no order of the page has had any. A
 * patch in between is shown with the `updated_at` from before.
 */
export async function readPageMetadata<Row extends PageRow>(
  manager: EntityManager,
  { rows, endedAt }: FoundRows<Row>,
  maxLength: number,
): Promise<FoundRows<Row & WithMetadata>> {
  const maxLengthOf = await maxLengths(manager, rows, maxLength);
  const shown: (Row & WithMetadata)[] = [];
  for (let length = 0; shown.length < rows.length;) {
    const batch = takeBatch(rows, shown.length, maxLength - length, maxLengthOf);
    if (batch.length === 0) return { rows: shown, endedAt: shown.at(-1) };
    const found = await readMetadata(manager, idsWithMetadata(batch));
    for (const row of batch) {
      const metadataJson = found.get(row.id) ?? null;
      length += metadataJson?.length ?? 0;
      shown.push(Object.assign(row, { metadataJson }));
    }
  }
  return { rows: shown, endedAt };
}

function idsWithMetadata(rows: readonly PageRow[]): number[] {
  return rows.filter(({ metadataVersion }) => metadataVersion > 0).map(({ id }) => id);
}

/** How long the metadata of an order may be. The keys are counted only when all of it could be too much. */
async function maxLengths(
  manager: EntityManager,
  rows: readonly PageRow[],
  maxLength: number,
): Promise<(row: PageRow) => number> {
  const ids = idsWithMetadata(rows);
  const isLittle = ids.length * MAX_METADATA_KEYS * MAX_METADATA_ENTRY_LENGTH <= maxLength;
  const keys = isLittle ? new Map<number, number>() : await countMetadataKeys(manager, ids);
  return ({ id }) => (keys.get(id) ?? 0) * MAX_METADATA_ENTRY_LENGTH;
}

/** The next rows whose metadata is not longer than that, however long its values are; at least the first one. */
function takeBatch<Row extends PageRow>(
  rows: readonly Row[],
  start: number,
  maxLength: number,
  maxLengthOf: (row: PageRow) => number,
): readonly Row[] {
  let length = 0;
  let end = start;
  for (const row of rows.slice(start)) {
    length += maxLengthOf(row);
    if (length > maxLength) break;
    end += 1;
  }
  return rows.slice(start, Math.max(end, 1));
}
