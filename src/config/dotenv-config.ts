import { config as loadDotenv } from 'dotenv';
import { type AppConfig, type DatabaseConfig, loadConfig, loadDatabaseConfig } from './app-config';
import { InvalidEnvironmentError } from './config.errors';

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
