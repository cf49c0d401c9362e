/**
 * Signals that start a shutdown: those of orchestrators, terminals and shells. Signals of a crash, such
 * as SIGSEGV, have no listener, with which native code would crash in a loop. SIGUSR2 is free for the
 * options of Node.js that write a report or a heap snapshot.
 */
export const SHUTDOWN_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;
