import type { ObjectLiteral, ReplicationMode } from 'typeorm';
import { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { PostgresQueryRunner } from 'typeorm/driver/postgres/PostgresQueryRunner.js';
import { ConnectionLostError, isQueryTimeout } from './database.errors';

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
  private isFinished = false;

  override release(): Promise<void> {
    this.isFinished = true;
    return super.release();
  }

  /** @throws ConnectionLostError when the connection broke earlier in the transaction */
  override async query(
    sql: string,
    parameters?: unknown[] | ObjectLiteral,
    useStructuredResult?: boolean,
  ): ReturnType<PostgresQueryRunner['query']> {
    // The base class gives a broken connection back at once, and then blames its user for that.
    if (this.isReleased && !this.isFinished) throw new ConnectionLostError();
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
