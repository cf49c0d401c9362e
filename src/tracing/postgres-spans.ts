import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { failedStatement } from './failed-statement';
import { operationOf } from './sql-operation';

/** The instrumentation scope of its spans. */
const POSTGRES_INSTRUMENTATION = '@opentelemetry/instrumentation-pg';

/** Where the instrumentation has the code of an error, and only there. */
const ERROR_CODE = /\(code: (\w+)\)$/;

/** Traces statements on PostgreSQL, and the waits for a connection, without the values of parameters. */
export function postgresInstrumentation(): PgInstrumentation {
  return new PgInstrumentation({
    requireParentSpan: true,
    requestHook: (span, { connection, query }) => {
      const operation = operationOf(query.text);
      span.setAttribute('db.operation.name', operation);
      // By default it has the name of the prepared statement, which differs between processes.
      span.updateName(`${operation} ${connection.database}`);
    },
  });
}

/** Adds the attributes of a failed statement to a span of the instrumentation, which has ended. */
export function describePostgresError({
  instrumentationScope,
  attributes,
  events,
}: ReadableSpan): void {
  if (instrumentationScope.name !== POSTGRES_INSTRUMENTATION) return;
  for (const event of events) {
    const code = ERROR_CODE.exec(String(event.attributes?.['exception.message']))?.[1];
    if (code !== undefined) Object.assign(attributes, failedStatement(code));
  }
}
