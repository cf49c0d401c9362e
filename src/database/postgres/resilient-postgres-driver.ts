import type { ObjectLiteral, ReplicationMode } from 'typeorm';
import { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { PostgresQueryRunner } from 'typeorm/driver/postgres/PostgresQueryRunner.js';
import { ConnectionLostError, isQueryTimeout } from '../database.errors';

/** The part of a pg client that is used here. */
interface PostgresClient {
  readonly connection: { readonly stream: { destroy(): void } };
}

/** Makes query runners that deal with connections which break, or do not answer. */
export class ResilientPostgresDriver extends PostgresDriver {
  override createQueryRunner(mode: ReplicationMode): PostgresQueryRunner {
    return new ResilientQueryRunner(this, mode);
  }
}

class ResilientQueryRunner extends PostgresQueryRunner {
  private isBroken = false;
  private isFinished = false;

  /**
   * The base class releases a broken connection at once, and everything that uses the query runner
   * afterwards is told that it was released by its caller. Here it counts as released only once its
   * caller has released it.
   */
  constructor(driver: PostgresDriver, mode: ReplicationMode) {
    super(driver, mode);
    Object.defineProperty(this, 'isReleased', {
      get: () => this.isFinished,
      set: (isReleased: boolean) => {
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
   * pg gives up a query that is not answered within `query_timeout`, but keeps its connection, and
   * whoever gets that from the pool next waits behind the lost query. Cut, it is replaced.
   */
  private async cutConnection(): Promise<void> {
    const client = (await this.connect()) as PostgresClient;
    client.connection.stream.destroy();
  }
}
