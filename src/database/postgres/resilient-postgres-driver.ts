import type { ObjectLiteral, ReplicationMode } from 'typeorm';
import { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { PostgresQueryRunner } from 'typeorm/driver/postgres/PostgresQueryRunner.js';
import { type ReportsConnectionWaits, reportWait } from '../connection-waits';
import { StatementTranslations } from '../statement-translations';
import { ConnectionLostError, isQueryTimeout } from './postgres.errors';

/** The part of a pg client that is used here. */
interface PostgresClient {
  readonly connection: { readonly stream: { destroy(): void } };
}

/** Creates query runners that handle connections which break or do not respond. */
export class ResilientPostgresDriver extends PostgresDriver implements ReportsConnectionWaits {
  onWait: ReportsConnectionWaits['onWait'] = () => undefined;

  private readonly translations = new StatementTranslations((sql, parameters) =>
    super.escapeQueryWithParameters(sql, parameters),
  );

  override escapeQueryWithParameters(
    sql: string,
    parameters: ObjectLiteral,
  ): [sql: string, values: unknown[]] {
    return this.translations.get(sql, parameters);
  }

  override obtainMasterConnection(): ReturnType<PostgresDriver['obtainMasterConnection']> {
    return reportWait(this, super.obtainMasterConnection());
  }

  override createQueryRunner(mode: ReplicationMode): PostgresQueryRunner {
    return new ResilientQueryRunner(this, mode);
  }
}

class ResilientQueryRunner extends PostgresQueryRunner {
  private isBroken = false;
  private isFinished = false;

  static {
    // The base class marks the query runner as released when its connection breaks, and later queries
    // fail as if the caller had released it. Here only the caller's release marks it.
    Object.defineProperty(this.prototype, 'isReleased', {
      get(this: ResilientQueryRunner) {
        return this.isFinished;
      },
      set(this: ResilientQueryRunner, isReleased: boolean) {
        this.isBroken ||= isReleased;
      },
    });
  }

  override async release(): Promise<void> {
    await super.release();
    this.isFinished = true;
  }

  /** @throws ConnectionLostError when the connection broke earlier in the transaction */
  override async query(
    sql: string,
    parameters?: unknown[] | ObjectLiteral,
    useStructuredResult?: boolean,
  ): ReturnType<PostgresQueryRunner['query']> {
    if (this.isBroken && !this.isFinished) throw new ConnectionLostError();
    try {
      return await super.query(sql, parameters, useStructuredResult);
    } catch (error) {
      if (isQueryTimeout(error)) await this.cutConnection();
      throw error;
    }
  }

  /**
   * After `query_timeout` pg abandons the query but keeps its connection in the pool, where the next
   * query would wait behind the lost one. The pool replaces a connection that was cut.
   */
  private async cutConnection(): Promise<void> {
    const client = (await this.connect()) as PostgresClient;
    client.connection.stream.destroy();
  }
}
