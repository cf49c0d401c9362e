import { ServiceUnavailableError } from '../errors/common.errors';
import { FairQueue } from './fair-queue';

/** Who waits for a password to be hashed or checked, and why. */
export interface HashCaller {
  readonly purpose: 'login' | 'password' | 'registration';
  /** Whose password it is: an e-mail address in normal form, or the id of a user. */
  readonly account: string;
  /** Where the request comes from. */
  readonly address: string;
}

/** Bounds of the queue. */
export const HASH_QUEUE = {
  maxWaiting: 64,
  /** Of these so many may be kept by anything but logins, which get the rest when they need it. */
  maxWaitingOthers: 16,
  /** Shorter than clients are willing to wait. */
  maxWaitMs: 8_000,
} as const;

/** Waits for a thread. */
interface Ticket {
  readonly queue: FairQueue<Ticket>;
  readonly path: readonly string[];
  readonly admit: () => void;
  readonly refuse: () => void;
}

/**
 * Divides the threads that hash passwords between callers. Logins take turns with everything else,
 * in both of them addresses take turns, and accounts within an address. When the queue is full, a
 * newcomer takes the place of the newest caller of the address and account that have most places.
 */
export class HashQueue {
  private readonly logins = new FairQueue<Ticket>();
  private readonly others = new FairQueue<Ticket>();
  private isTurnOfLogins = true;
  private running = 0;

  /** @param threads how many callers are served at the same time */
  constructor(private readonly threads: number) {}

  /**
   * Does the work when it is the caller's turn.
   * @throws ServiceUnavailableError when the queue has no place for the caller, or no thread in time
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
    return new Promise((resolve, reject) => {
      const refuse = () => {
        clearTimeout(timer);
        reject(new ServiceUnavailableError());
      };
      const admit = () => {
        clearTimeout(timer);
        resolve();
      };
      const queue = purpose === 'login' ? this.logins : this.others;
      const ticket: Ticket = { queue, path: [address, account], admit, refuse };
      const timer = setTimeout(() => {
        queue.remove(ticket, ticket.path);
        refuse();
      }, HASH_QUEUE.maxWaitMs);
      queue.add(ticket, ticket.path);
      this.dropSurplus(ticket);
    });
  }

  private dropSurplus(newcomer: Ticket): void {
    if (this.logins.size + this.others.size <= HASH_QUEUE.maxWaiting) return;
    const queue = this.others.size > HASH_QUEUE.maxWaitingOthers ? this.others : this.logins;
    queue.drop(queue === newcomer.queue ? newcomer.path : [])?.refuse();
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
