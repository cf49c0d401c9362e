/**
 * The signals that begin a shutdown: those of an orchestrator, a terminal and a shell. Signals of a
 * crash, such as SIGSEGV, end the process: a listener would let native code crash again and again.
 * SIGUSR2 is left to the options of Node.js that write a report or a heap snapshot on a signal.
 */
export const SHUTDOWN_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;
