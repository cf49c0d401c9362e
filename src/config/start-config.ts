import { config as loadDotenv } from 'dotenv';
import { type AppConfig, type DatabaseConfig, loadConfig, loadDatabaseConfig } from './app-config';
import { InvalidEnvironmentError } from './config.errors';

/**
 * Reads `.env` and the environment for a server that is starting.
 * @throws InvalidEnvironmentError
 */
export function readConfig(): AppConfig {
  loadDotenv({ quiet: true });
  return loadConfig();
}

/**
 * Does the same for a command on the database, which needs no other variables to be valid. Bad
 * values end the process with a message for the operator in place of a stack trace.
 */
export function startDatabaseConfig(): DatabaseConfig {
  loadDotenv({ quiet: true });
  try {
    return loadDatabaseConfig();
  } catch (error) {
    if (!(error instanceof InvalidEnvironmentError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
