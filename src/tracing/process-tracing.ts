import { loadTracingConfigIfValid } from '../config/dotenv-config';
import type { TracingConfig } from '../config/tracing-config';

const config = loadTracingConfigIfValid();

/**
 * The tracing of this process; undefined when traces are not exported. Imported before all that loads `pg`,
 * which is traced only when it is loaded later, and before modules that copy functions of `node:http`.
 */
export const processTracing = config && start(config);

/** Loads OpenTelemetry only where it is used. */
function start(config: TracingConfig) {
  const { startTracing } = require('./start-tracing') as typeof import('./start-tracing');
  return startTracing(config);
}
