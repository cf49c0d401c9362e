import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { databaseTime } from '../database/database-time';
import { namedQuery } from '../database/named-query';
import { ProcessingState } from './processing-state.entity';

/** What instances know of the processing of all of them. */
export interface SharedState {
  readonly isPaused: boolean;
  /** Differs after each change. */
  readonly changes: number;
}

type Row = Pick<ProcessingState, 'changes'> & { readonly paused: boolean | number };

const BEFORE_FIRST_CHANGE: SharedState = { isPaused: false, changes: 0 };

/** Reads and writes the row of {@link ProcessingState}. */
@Injectable()
export class SharedProcessingState {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  async read(): Promise<SharedState> {
    const sql = 'SELECT paused, changes FROM processing_state WHERE id = 1';
    return toState(await namedQuery<Row>(this.dataSource.manager, sql, {})) ?? BEFORE_FIRST_CHANGE;
  }

  /** @returns undefined when processing was paused already */
  pause(): Promise<SharedState | undefined> {
    return this.upsert('TRUE', 'paused = TRUE,', 'WHERE NOT processing_state.paused');
  }

  /** @returns undefined when processing was not paused */
  async resume(): Promise<SharedState | undefined> {
    const now = databaseTime(this.dataSource);
    const { raw } = await this.dataSource.manager
      .createQueryBuilder()
      .update(ProcessingState)
      .set({ paused: false, changes: () => 'changes + 1', changedAt: () => now })
      .where('id = 1 AND paused')
      .returning('paused, changes')
      .execute();
    return toState(raw as Row[]);
  }

  /** Counts a change, by which instances notice that they should look for due orders. */
  async wake(): Promise<SharedState> {
    const state = await this.upsert('FALSE');
    if (!state) throw new TypeError('An upsert without a condition returns its row');
    return state;
  }

  /**
   * @param paused SQL of the value in a new row
   * @param set SQL of what changes in an existing row
   * @param where SQL of the condition for that
   */
  private async upsert(paused: string, set = '', where = ''): Promise<SharedState | undefined> {
    const rows = await namedQuery<Row>(
      this.dataSource.manager,
      `INSERT INTO processing_state (id, paused, changes, changed_at)
       VALUES (1, ${paused}, 1, ${databaseTime(this.dataSource)})
       ON CONFLICT (id) DO UPDATE SET ${set} changes = processing_state.changes + 1,
         changed_at = excluded.changed_at ${where}
       RETURNING paused, changes`,
      {},
    );
    return toState(rows);
  }
}

/** @returns undefined when there is no row */
function toState([row]: readonly Row[]): SharedState | undefined {
  return row && { isPaused: Boolean(row.paused), changes: row.changes };
}
