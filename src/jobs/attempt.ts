import type { FulfilmentContext } from './fulfilment-step';

/** Why an attempt was aborted. Steps see it as the reason of their signal. */
export class AttemptAbortedError extends Error {
  constructor(
    readonly kind: 'lost' | 'interrupted' | 'suspect' | 'late',
    message: string,
  ) {
    super(message);
  }
}

/** An attempt at an order, which can be aborted once. */
export class Attempt {
  /** What the steps know about the attempt. */
  readonly context: FulfilmentContext;

  private controller: AbortController | undefined;
  private reason: AttemptAbortedError | undefined;
  private reject: (reason: AttemptAbortedError) => void = () => undefined;

  /** @param number 1 for the first attempt at the order */
  constructor(number: number) {
    const signal = () => this.signal();
    this.context = {
      attempt: number,
      get signal() {
        return signal();
      },
    };
  }

  /**
   * Does the work of the attempt, unless it is already aborted.
   * @throws the reason as soon as the attempt is aborted, even if the work ignores the signal and
   * continues; or what the work throws
   */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.reason) return Promise.reject(this.reason);
    return new Promise((resolve, reject) => {
      this.reject = reject;
      work().then(resolve, reject);
    });
  }

  abort(reason: AttemptAbortedError): void {
    if (this.reason) return;
    this.reason = reason;
    this.controller?.abort(reason);
    this.reject(reason);
  }

  /** Created when a step asks for it: that takes a tenth of the time of an attempt without work. */
  private signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.reason) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }
}
