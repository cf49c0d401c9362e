import { AsyncResource } from 'node:async_hooks';
import { Injectable, Logger } from '@nestjs/common';

/** Work that is repeated until it is stopped. */
export interface Repetition {
  /**
   * Does the work once more, after a delay or after the work that is running. Calls before it begins have no
   * further effect.
   * @param delayMs in milliseconds
   */
  hasten(delayMs: number): void;
  /** Waits for the work that is running. Never rejects. */
  stop(): Promise<void>;
}

/** Repeats work in the background. Tests replace it, to repeat the work themselves. */
@Injectable()
export class PeriodicWork {
  private readonly logger = new Logger(PeriodicWork.name);

  /**
   * Does work now, and then at an interval. It is skipped while it is still running, and repeated after
   * an error. Of errors in a row, the first one is logged, and so is the success that ends them.
   * @param what is done, in the words of the log: "Could not …"
   * @param intervalMs in milliseconds
   * @returns after the work was done, or has failed, for the first time. Never rejects.
   */
  async start(what: string, intervalMs: number, work: () => Promise<void>): Promise<Repetition> {
    let hasFailed = false;
    let running: Promise<void> | undefined;
    const attempt = async () => {
      try {
        await work();
        if (hasFailed) this.logger.log(`Could ${what} again`);
        hasFailed = false;
      } catch (error) {
        if (!hasFailed) this.logger.warn({ msg: `Could not ${what}, trying again`, err: error });
        hasFailed = true;
      }
    };
    // Work that a request hastens belongs neither to its trace nor to its log lines.
    const attemptUnlessRunning = AsyncResource.bind(
      () => (running ??= attempt().finally(() => (running = undefined))),
    );
    await attemptUnlessRunning();
    const cancel = this.repeat(attemptUnlessRunning, intervalMs);
    let cancelExtra: (() => void) | undefined;
    let isStopped = false;
    const attemptAgain = async () => {
      await running;
      cancelExtra = undefined;
      if (!isStopped) await attemptUnlessRunning();
    };
    return {
      hasten: (delayMs) => {
        if (!isStopped) cancelExtra ??= this.after(attemptAgain, delayMs);
      },
      stop: async () => {
        isStopped = true;
        cancel();
        cancelExtra?.();
        await running;
      },
    };
  }

  /**
   * @param attempt never rejects
   * @returns a function that ends the repetition
   */
  protected repeat(attempt: () => Promise<void>, intervalMs: number): () => void {
    const timer = setInterval(() => void attempt(), intervalMs).unref();
    return () => clearInterval(timer);
  }

  /**
   * @param attempt never rejects
   * @returns a function that cancels it
   */
  protected after(attempt: () => Promise<void>, delayMs: number): () => void {
    const timer = setTimeout(() => void attempt(), delayMs).unref();
    return () => clearTimeout(timer);
  }
}
