import type { QueryRunner } from 'typeorm';
import type { Transaction } from './transactions';

/** A statement of a part of a transaction that has ended. It was not executed. */
export class StatementTooLateError extends Error {
  override readonly name = 'StatementTooLateError';

  constructor(sql: string) {
    super(
      'A statement was not awaited: what it belongs to in the transaction had ended. ' +
        `The statement: ${sql.slice(0, 300)}`,
    );
    statementErrors.add(this);
  }
}

const statementErrors = new WeakSet<object>();

/**
 * True for an error that a statement of {@link runPart} has caused. When nothing handles it, the statement
 * was not awaited. The transaction was rolled back, or the statement was not executed.
 */
export function isStatementErrorOfPart(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && statementErrors.has(thrown);
}

/** The statements with which TypeORM ends a transaction, or one that is nested in it. */
const END_OF_TRANSACTION = /^(?:COMMIT|ROLLBACK|RELEASE)\b/;

type Statement = Parameters<QueryRunner['query']>;

/** A query runner, with the number of transactions that it has opened within each other. */
type NestingQueryRunner = QueryRunner & { readonly transactionDepth: number };

/**
 * Does work in a transaction that others continue. The transaction that the work receives accepts
 * statements until the work ends, so that none is executed after the COMMIT, in no transaction.
 * @param limit how long the work may take, in milliseconds, and the message of the error if it takes longer
 * @throws what the work throws, and Error when the work exceeds the time limit, does not await its
 * statements, or continues after a statement that failed: PostgreSQL would roll back at the COMMIT
 */
export async function runPart(
  outer: Transaction,
  limit: { readonly ms: number; readonly message: string },
  work: (tx: Transaction) => unknown,
): Promise<void> {
  const part = new TransactionPart(outer);
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(limit.message)), limit.ms);
  });
  try {
    await Promise.race([(async () => work(part.tx))(), expiry]);
    part.throwIfIncomplete();
  } finally {
    clearTimeout(timer);
    part.end();
  }
}

class TransactionPart {
  readonly tx: Transaction;
  private readonly runner: NestingQueryRunner;
  private readonly depth: number;
  private readonly failures: unknown[] = [];
  private runningStatements = 0;
  private hasEnded = false;

  constructor(transaction: Transaction) {
    const { manager } = transaction;
    const outer = manager.queryRunner as NestingQueryRunner | undefined;
    if (!outer) throw new TypeError('There is no transaction: call Transactions.run');
    this.depth = outer.transactionDepth;
    // Shares all of the runner but the method through which every statement goes. TypeORM would reject
    // statements by itself after the runner is released, but not in the time before.
    this.runner = Object.create(outer, {
      query: { value: (...statement: Statement) => this.execute(outer, statement) },
      isReleased: { value: false },
    }) as NestingQueryRunner;
    this.tx = {
      manager: manager.dataSource.createEntityManager(this.runner),
      afterCommit: (callback) => {
        if (this.hasEnded) throw new StatementTooLateError('afterCommit');
        transaction.afterCommit(callback);
      },
    };
  }

  /** @throws Error when the work has ended too early, or must not be committed */
  throwIfIncomplete(): void {
    if (this.failures.length > 0) {
      throw new Error(
        'A statement failed, and its error was caught outside of a nested transaction',
        {
          cause: this.failures[0],
        },
      );
    }
    if (this.runningStatements > 0 || this.runner.transactionDepth !== this.depth) {
      throw new Error('A statement was not awaited');
    }
  }

  end(): void {
    this.hasEnded = true;
  }

  /**
   * After a statement that failed, PostgreSQL accepts none. TypeORM then ends the transaction instead of a
   * nested one that cannot begin, and the next statements would be committed one by one.
   */
  private throwUnlessAccepted(sql: string): void {
    if (this.hasEnded) throw new StatementTooLateError(sql);
    const isNested = this.runner.transactionDepth > this.depth;
    if (this.failures.length === 0 && (isNested || !END_OF_TRANSACTION.test(sql))) return;
    const error = new Error('The transaction accepts no more statements', {
      cause: this.failures[0],
    });
    this.failures.push(error);
    throw error;
  }

  private async execute(outer: QueryRunner, statement: Statement): Promise<unknown> {
    this.throwUnlessAccepted(statement[0]);
    this.runningStatements += 1;
    try {
      return await outer.query(...statement);
    } catch (error) {
      if (typeof error === 'object' && error !== null) statementErrors.add(error);
      if (this.runner.transactionDepth === this.depth) this.failures.push(error);
      throw error;
    } finally {
      this.runningStatements -= 1;
    }
  }
}
