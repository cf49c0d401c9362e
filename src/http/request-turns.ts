/** For how long requests wait, at most, while connections are accepted, in milliseconds. */
const MAX_WAIT_MS = 10;

type Serve = () => void;

/**
 * Accepts waiting connections first, and then serves requests in order of arrival.
 *
 * Node.js accepts one connection in each pass of the event loop. If a pass served the requests of all
 * others, 100 connections that are opened together would wait for 100 passes of up to 100 requests, and
 * the last ones for seconds.
 */
export class RequestTurns {
  private waiting: Serve[] = [];
  private waitingSince = 0;
  private hasAccepted = false;

  /** Another connection was accepted. */
  accepted(): void {
    this.hasAccepted = true;
  }

  /** @param serve must not throw */
  add(serve: Serve): void {
    if (this.waiting.length === 0) {
      this.waitingSince = performance.now();
      setImmediate(() => this.pass());
    }
    this.waiting.push(serve);
  }

  private pass(): void {
    const mayWait = performance.now() - this.waitingSince < MAX_WAIT_MS;
    if (this.hasAccepted && mayWait) {
      this.hasAccepted = false;
      setImmediate(() => this.pass());
      return;
    }
    const [first, ...others] = this.waiting;
    this.waiting = [];
    for (const serve of others) setImmediate(serve);
    first?.();
  }
}
