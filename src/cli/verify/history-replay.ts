import { type ActorType, type OrderStatus, isLegalStep } from '../../orders/order-status';
import type { Findings } from './findings';

/** The columns with the instant of the last entry, as far as they are set. */
const INSTANTS_OF_LAST_ENTRY = ['completed_at', 'cancelled_at'] as const;

/** An order with one entry of its history, which is empty when it has none. Instants are strings. */
export interface ReplayedRow extends Readonly<
  Record<(typeof INSTANTS_OF_LAST_ENTRY)[number], string | null>
> {
  readonly updated_at: string;
  /**
   * 0 without metadata, 1 as placed, and larger after a change of it, which the history does not have: then a
   * wrong `updated_at` is found only if it is before the last entry.
   */
  readonly metadata_version: number;
  readonly id: number;
  readonly status: OrderStatus;
  readonly version: number;
  readonly created_at: string;
  readonly sequence: number | null;
  readonly from_status: OrderStatus | null;
  readonly to_status: OrderStatus;
  readonly actor_type: ActorType;
  /** The instant of the entry. */
  readonly recorded_at: string;
  readonly user_id: number;
  /** In the log. Null when the entry has none yet. */
  readonly position: number | null;
  /** The owner of the order, as events have it. */
  readonly event_user_id: number | null;
}

/**
 * Replays histories, entry by entry. The rows can be read in pages while orders move: entries are never
 * changed, so an order is compared with its history as of the page that has its last row.
 */
export class HistoryReplay<Row extends ReplayedRow> {
  private order: Row | undefined;
  private last: Row | undefined;
  private entries = 0;

  /** @param onOrder is called with each order, after its history */
  constructor(
    private readonly findings: Findings,
    private readonly onOrder: (order: Row) => void,
  ) {}

  /** @param row the next one by order and sequence */
  add(row: Row): void {
    if (this.order?.id !== row.id) this.finish();
    this.order = row;
    if (row.sequence === null) return;
    this.checkStep(row);
    this.checkInstant(row);
    this.checkPosition(row);
    this.last = row;
    this.entries += 1;
  }

  /** Compares the order with its history, after the last row. */
  finish(): void {
    const { order, last, entries } = this;
    if (!order) return;
    const { id, status, version } = order;
    if (last?.to_status !== status) {
      this.findings.add(
        'statuses that differ from the last history entry',
        `Order ${id} is ${status}, but ` +
          (last ? `its last history entry is ${last.to_status}` : 'it has no history'),
      );
    }
    if (entries !== version) {
      this.findings.add(
        'versions that differ from the number of history entries',
        `Order ${id} has version ${version}, but ${entries} history entries`,
      );
    }
    if (last) {
      const isPatched = order.metadata_version > 1 && order.updated_at > last.recorded_at;
      if (order.updated_at !== last.recorded_at && !isPatched) {
        const entry = `last history entry is of ${last.recorded_at}`;
        this.addInstant(id, 'updated_at', order.updated_at, entry);
      }
      for (const column of INSTANTS_OF_LAST_ENTRY) {
        if (order[column] === null || order[column] === last.recorded_at) continue;
        this.addInstant(id, column, order[column], `last history entry is of ${last.recorded_at}`);
      }
    }
    this.onOrder(order);
    this.drop();
  }

  /** Forgets the order of the last row: it does not exist any more. */
  drop(): void {
    [this.order, this.last, this.entries] = [undefined, undefined, 0];
  }

  private checkStep(row: Row): void {
    const { id, sequence, from_status: from, to_status: to, actor_type: actor } = row;
    const previous = this.last?.sequence ?? 0;
    const isNext = sequence === previous + 1;
    if (!isNext) {
      this.findings.add(
        'gaps in a history',
        `Order ${id}: history entry ${sequence} follows entry ${previous}`,
      );
    }
    const follows = !isNext || from === (this.last?.to_status ?? null);
    if (!follows || !isLegalStep(from, to, actor)) {
      const status = this.last?.to_status ?? 'no status';
      this.findings.add(
        'steps that are not transitions',
        `Order ${id}: history entry ${sequence} (${from ?? 'no status'} -> ${to} by ${actor}) ` +
          (follows ? 'is not a transition' : `follows ${status}`),
      );
    }
  }

  /** An entry has the instant that the order gets with it, which is never before the last one. */
  private checkInstant({ id, sequence, created_at, recorded_at }: Row): void {
    if (sequence === 1 && created_at !== recorded_at) {
      this.addInstant(id, 'created_at', created_at, `first history entry is of ${recorded_at}`);
    }
    const { last } = this;
    if (!last || recorded_at >= last.recorded_at) return;
    this.findings.add(
      'histories that go back in time',
      `Order ${id}: history entry ${sequence} is of ${recorded_at}, ` +
        `but entry ${last.sequence} of ${last.recorded_at}`,
    );
  }

  /** Events of an order have its sequence, and belong to its owner. */
  private checkPosition({ id, sequence, position, user_id, event_user_id }: Row): void {
    const add = (description: string) =>
      this.findings.add(
        'positions that differ from the history',
        `Order ${id}: history entry ${sequence} ${description}`,
      );
    const owner = position === null ? null : user_id;
    if (event_user_id !== owner) add(`is an event of user ${event_user_id} instead of ${owner}`);
    // The entry before may have been read, in another page, before it was numbered.
    const { last } = this;
    if (position === null || !last || last.position === null || position > last.position) return;
    add(`has the position ${position}, but entry ${last.sequence} has ${last.position}`);
  }

  private addInstant(id: number, column: string, instant: string, entry: string): void {
    this.findings.add(
      'instants that differ from the history',
      `Order ${id}: ${column} is ${instant}, but its ${entry}`,
    );
  }
}
