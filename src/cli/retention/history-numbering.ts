import { setTimeout as delay } from 'node:timers/promises';
import { anyOf } from '../../database/any-of';
import { namedQuery } from '../../database/named-query';
import { Transactions } from '../../database/transactions';
import { EventNumbering } from '../../events/event-numbering';
import type { CommandContext } from '../run-on-database';

/** How long a batch of orders waits while no further entry gets a position, in milliseconds. */
const MAX_WAIT_MS = 60_000;

/** The pause while a server numbers entries, in milliseconds. */
const PAUSE_MS = 50;

/**
 * Numbers entries of the history until those of some orders have positions: orders with other entries are kept.
 * A server may run meanwhile, and number entries, too.
 */
export class HistoryNumbering {
  private readonly numbering: EventNumbering;

  constructor(private readonly context: Pick<CommandContext, 'dataSource' | 'interruption'>) {
    const { dataSource } = context;
    this.numbering = new EventNumbering(dataSource, new Transactions(dataSource));
  }

  /**
   * @param consequence of an interruption, for the operator
   * @throws InterruptedError
   * @throws Error when no entry could be numbered for a minute
   */
  async numberEntriesOf(orderIds: readonly number[], consequence: string): Promise<void> {
    let deadline = performance.now() + MAX_WAIT_MS;
    while (await this.areUnnumbered(orderIds)) {
      await this.context.interruption.check(consequence);
      if (performance.now() > deadline) {
        throw new Error('The history of the orders could not be numbered within a minute');
      }
      // Entries that a search has not found, because it did not begin at the first one, wait for the next one.
      const numbered = (await this.numbering.isNeeded()) ? await this.numbering.number() : 'busy';
      if (numbered === 'busy') await delay(PAUSE_MS);
      else if (numbered.entries > 0) deadline = performance.now() + MAX_WAIT_MS;
    }
  }

  private async areUnnumbered(orderIds: readonly number[]): Promise<boolean> {
    const { dataSource } = this.context;
    const [areThese, parameters] = anyOf(dataSource, 'order_id', orderIds);
    const sql = `SELECT 1 FROM order_history WHERE ${areThese} AND position IS NULL LIMIT 1`;
    return (await namedQuery(dataSource.manager, sql, parameters)).length > 0;
  }
}
