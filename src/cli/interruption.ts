import { constants } from 'node:os';
import { setImmediate as nextPass } from 'node:timers/promises';

type StopSignal = 'SIGINT' | 'SIGTERM';

const SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM'];

/** SIGINT or SIGTERM has ended a command between two of its steps. */
export class InterruptedError extends Error {
  /** As shells report a signal. */
  readonly exitCode: number;

  /** @param consequence what was kept, for the operator */
  constructor(signal: StopSignal, consequence: string) {
    super(`Interrupted by ${signal}. ${consequence}`);
    this.name = InterruptedError.name;
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** Ends a command between two of its steps, so that it can say what was kept. */
export class Interruption {
  private received: StopSignal | undefined;
  private readonly abort = new AbortController();
  private stopListening: () => void = () => undefined;

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  start(): void {
    this.stopListening = onFirstSignal((signal) => {
      this.received = signal;
      this.abort.abort();
    });
  }

  stop(): void {
    this.stopListening();
  }

  /**
   * Called between two steps. Lets the event loop receive signals, because statements of SQLite do not.
   * @throws InterruptedError
   */
  async check(consequence: string): Promise<void> {
    await nextPass();
    if (this.received) throw new InterruptedError(this.received, consequence);
  }
}

/**
 * Ends the process at the first signal, and says what it means: for waits that nothing else ends, such as
 * for a connection. Without a listener, a signal has no effect on the first process of a container. With one,
 * it has no effect during long statements of SQLite, which block the event loop: stop before these.
 * @returns a function after which signals have their default effect
 */
export function endOnSignal(consequence: string): () => void {
  return onFirstSignal((signal) => {
    const { message, exitCode } = new InterruptedError(signal, consequence);
    process.stderr.write(`${message}\n`, () => process.exit(exitCode));
  });
}

/** Runs one wait or step as {@link endOnSignal} describes. */
export async function runOrEndOnSignal<T>(consequence: string, run: () => Promise<T>): Promise<T> {
  const stop = endOnSignal(consequence);
  try {
    return await run();
  } finally {
    stop();
  }
}

/** A second signal has its default effect: it ends the process at once. */
function onFirstSignal(receive: (signal: StopSignal) => void): () => void {
  const listener = (signal: NodeJS.Signals) => {
    stop();
    receive(signal as StopSignal);
  };
  const stop = () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return stop;
}
