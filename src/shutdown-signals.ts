import { isatty } from 'node:tty';
import type { Log } from './logging/logger';

const HAS_TERMINAL = isatty(0) || isatty(1);

/**
 * Signals that start a shutdown: those of orchestrators, terminals and shells. Signals of a crash, such
 * as SIGSEGV, have no listener, with which native code would crash in a loop. SIGUSR2 is free for the
 * options of Node.js that write a report or a heap snapshot.
 */
export const SHUTDOWN_SIGNALS: readonly NodeJS.Signals[] = [
  'SIGTERM',
  'SIGINT',
  'SIGQUIT',
  // The terminal was closed. Without one, the log file was renamed, as by logrotate.
  ...(HAS_TERMINAL ? (['SIGHUP'] as const) : []),
];

/** Opens the log file again on SIGHUP, unless the signal starts a shutdown. */
export function reopenLogOnHangup({ logger, file }: Log): void {
  if (HAS_TERMINAL) return;
  process.on('SIGHUP', () => {
    file?.wasRotated();
    const effect = file ? 'the log file is opened again' : 'there is no log file';
    logger.info({ context: 'Server' }, `SIGHUP: ${effect}`);
  });
}
