import { redactCredentials } from './redact-credentials';

/** Prints a line. It may contain an argument or an error, and so a URL, whose credentials are redacted. */
export function printToStderr(message: string): void {
  process.stderr.write(`${redactCredentials(message)}\n`);
}
