/** A row of a list that is sorted by creation and then by id. */
export interface KeysetPosition {
  /** A string is in ISO 8601. */
  readonly createdAt: Date | string;
  readonly id: number;
}

/** Rows that follow a position of a list. */
export interface FoundRows<Row> {
  readonly rows: Row[];
  /** Where a search has ended before it had found enough rows. The list continues after this position. */
  readonly endedAt?: KeysetPosition | undefined;
}

/** @param result an array is of a search that has not ended early */
export function toFoundRows<Row>(result: Row[] | FoundRows<Row>): FoundRows<Row> {
  return Array.isArray(result) ? { rows: result } : result;
}
