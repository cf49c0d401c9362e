import { config as loadDotenv } from 'dotenv';
import { type AppConfig, type DatabaseConfig, loadConfig, loadDatabaseConfig } from './app-config';
import { InvalidEnvironmentError } from './config.errors';

/**
 * Reads `.env` and the environment for a process that is starting. Bad values end the process
 * with a message for the operator in place of a stack trace.
 */
export function startConfig(): AppConfig {
  return loadOrExit(loadConfig);
}

/** Does the same for a command on the database. The other variables are not validated. */
export function startDatabaseConfig(): DatabaseConfig {
  return loadOrExit(loadDatabaseConfig);
}

function loadOrExit<Config>(load: () => Config): Config {
  loadDotenv({ quiet: true });
  try {
    return load();
  } catch (error) {
    if (!(error instanceof InvalidEnvironmentError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
