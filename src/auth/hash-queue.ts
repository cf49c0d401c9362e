import { ServiceUnavailableError } from '../errors/common.errors';
import { FairQueue } from './fair-queue';

/** The caller that waits for a password to be hashed or checked. */
export interface HashCaller {
  readonly purpose: 'login' | 'password' | 'registration';
  /** The owner of the password: a normalized e-mail address, or the id of a user. */
  readonly account: string;
  /** The IP address of the client. */
  readonly address: string;
}

export const HASH_QUEUE = {
  maxWaiting: 64,
  /** In a full queue, callers other than logins keep at most this many places. */
  maxWaitingOthers: 16,
  /** Less than the usual timeouts of clients. */
  maxWaitMs: 8_000,
} as const;

/** A caller that waits for a thread. */
interface Ticket {
  readonly queue: FairQueue<Ticket>;
  readonly path: readonly string[];
  readonly admit: () => void;
  readonly reject: () => void;
}

/**
 * Shares the threads that hash passwords among callers. Logins take turns with all other callers;
 * within both, addresses take turns, and accounts within an address. A newcomer to a full queue
 * displaces the newest caller of the address and account with the most places.
 */
export class HashQueue {
  private readonly logins = new FairQueue<Ticket>();
  private readonly others = new FairQueue<Ticket>();
  private isTurnOfLogins = true;
  private running = 0;

  /** @param threads the number of callers that are served at the same time */
  constructor(private readonly threads: number) {}

  /** The number of callers that wait. */
  get waiting(): number {
    return this.logins.size + this.others.size;
  }

  /**
   * Runs the work when it is the caller's turn.
   * @throws ServiceUnavailableError when the caller is displaced or has waited too long
   */
  async run<T>(caller: HashCaller, work: () => Promise<T>): Promise<T> {
    if (this.running < this.threads) this.running++;
    else await this.waitForTurn(caller);
    try {
      return await work();
    } finally {
      this.running--;
      this.admitNext();
    }
  }

  private waitForTurn({ purpose, address, account }: HashCaller): Promise<void> {
    const queue = purpose === 'login' ? this.logins : this.others;
    const path = [address, account];
    return new Promise((resolve, reject) => {
      const endWait = (settle: () => void) => () => {
        clearTimeout(timer);
        settle();
      };
      const ticket: Ticket = {
        queue,
        path,
        admit: endWait(resolve),
        reject: endWait(() => reject(new ServiceUnavailableError())),
      };
      const timer = setTimeout(() => {
        queue.remove(ticket, path);
        ticket.reject();
      }, HASH_QUEUE.maxWaitMs);
      queue.add(ticket, path);
      this.displaceWhenFull(ticket);
    });
  }

  private displaceWhenFull(newcomer: Ticket): void {
    if (this.waiting <= HASH_QUEUE.maxWaiting) return;
    const queue = this.others.size > HASH_QUEUE.maxWaitingOthers ? this.others : this.logins;
    queue.drop(queue === newcomer.queue ? newcomer.path : [])?.reject();
  }

  private admitNext(): void {
    const [first, second] = this.isTurnOfLogins
      ? [this.logins, this.others]
      : [this.others, this.logins];
    const next = first.take() ?? second.take();
    if (!next) return;
    this.isTurnOfLogins = next.queue !== this.logins;
    this.running++;
    next.admit();
  }
}
