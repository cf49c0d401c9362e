import { config as loadDotenv } from 'dotenv';
import { type AppConfig, loadConfig } from './app-config';
import { InvalidEnvironmentError } from './config.errors';

/**
 * Reads `.env` and the environment for a process that is starting. Bad values end the process
 * with a message for the operator in place of a stack trace.
 */
export function startConfig(): AppConfig {
  loadDotenv({ quiet: true });
  try {
    return loadConfig();
  } catch (error) {
    if (!(error instanceof InvalidEnvironmentError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
