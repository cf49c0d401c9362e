/** How many findings are described. All are counted. */
const MAX_DESCRIBED = 100;

/** What `verify` looks for. */
export type FindingKind =
  | 'gaps in a history'
  | 'steps that are not transitions'
  | 'statuses that differ from the last history entry'
  | 'versions that differ from the number of history entries'
  | 'instants that differ from the history'
  | 'histories that go back in time'
  | 'positions that differ from the history'
  | 'gaps in the log'
  | 'statistics that differ from the log'
  | 'metadata that differs from its order'
  | 'amounts that are not positive'
  | 'processing orders without a lease'
  | 'orders stuck past their lease'
  | 'leases without a processing order'
  | 'pending orders without a due time'
  | 'due times of orders that are not pending'
  | 'columns of another status'
  | 'idempotency keys without their order'
  | 'references to rows that do not exist';

/** Collects what is wrong. Its size is bounded. */
export class Findings {
  private readonly described: string[] = [];
  private readonly counts = new Map<FindingKind, number>();

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** @param description one line, which names the row */
  add(kind: FindingKind, description: string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    if (this.described.length < MAX_DESCRIBED) this.described.push(description);
  }

  /** The described findings, how many are not described, and how many there are of each kind. */
  lines(): string[] {
    const others = this.total - this.described.length;
    return [
      ...this.described,
      ...(others > 0 ? [`... and ${others} more`] : []),
      ...Array.from(this.counts, ([kind, count]) => `${kind}: ${count}`),
    ];
  }
}
