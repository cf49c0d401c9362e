import { config as loadDotenv } from 'dotenv';
import { type AppConfig, loadConfig } from './app-config';
import { InvalidEnvironmentError } from './config.errors';
import { type DatabaseConfig, loadDatabaseConfig } from './database-config';
import { type TracingConfig, loadTracingConfig } from './tracing-config';

/**
 * Loads the configuration of a server from `.env` and the environment.
 * @throws InvalidEnvironmentError
 */
export function loadServerConfig(): AppConfig {
  loadDotenv({ quiet: true });
  return loadConfig();
}

/**
 * Loads the configuration of a database command. Invalid values end the process with a message for
 * the operator instead of a stack trace.
 */
export function loadDatabaseConfigOrExit(): DatabaseConfig {
  loadDotenv({ quiet: true });
  try {
    return loadDatabaseConfig();
  } catch (error) {
    if (!(error instanceof InvalidEnvironmentError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

/**
 * Loads the configuration of the export of traces, which is needed before that of the server. Undefined also
 * when a variable is invalid: {@link loadServerConfig} then ends the start.
 */
export function loadTracingConfigIfValid(): TracingConfig | undefined {
  loadDotenv({ quiet: true });
  try {
    return loadTracingConfig();
  } catch (error) {
    if (!(error instanceof InvalidEnvironmentError)) throw error;
    return undefined;
  }
}

/** Whether NODE_ENV is production, for commands that read no other setting of the server. */
export function isProduction(): boolean {
  loadDotenv({ quiet: true });
  return process.env['NODE_ENV'] === 'production';
}
