/** The row after which a page begins. */
export interface PagePosition {
  /** In ISO 8601. */
  readonly createdAt: string;
  readonly id: number;
}

/** Precedes all rows of pages that are read oldest first. */
export const BEFORE_ALL: PagePosition = { createdAt: '0001-01-01T00:00:00.000Z', id: 0 };

/** Rows that follow a position. */
interface ReadRows<Row> {
  readonly rows: Row[];
  /** Where the search has ended before it had found enough rows. It continues after this position. */
  readonly endedAt?: { readonly createdAt: Date | string; readonly id: number } | undefined;
}

/**
 * Reads pages until one is not full, and its search has not ended early. Nothing is held open between two
 * of them. A page is emptied before the next one is read: the results of finished queries of pg live until
 * the old generation is collected, and with their rows an export of 1,000,000 orders took 85 MB instead of 40.
 * @param read returns at most `size` rows that follow the position, or the first rows
 */
export async function* readPages<Row extends PagePosition>(
  size: number,
  read: (after: PagePosition | undefined) => Promise<Row[] | ReadRows<Row>>,
): AsyncGenerator<readonly Row[]> {
  for (let after: PagePosition | undefined; ;) {
    const result = await read(after);
    const { rows, endedAt }: ReadRows<Row> = 'rows' in result ? result : { rows: result };
    const last = endedAt ?? (rows.length < size ? undefined : rows.at(-1));
    after = last && { createdAt: toIsoString(last.createdAt), id: last.id };
    if (rows.length > 0) yield rows;
    rows.length = 0;
    if (!after) return;
  }
}

function toIsoString(instant: Date | string): string {
  return typeof instant === 'string' ? instant : instant.toISOString();
}
