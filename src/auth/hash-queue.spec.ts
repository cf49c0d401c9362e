import { ServiceUnavailableError } from '../errors/common.errors';
import { HASH_QUEUE, type HashCaller, HashQueue } from './hash-queue';

/** A queue for one thread, whose work ends when a test calls `serve`. */
class QueueUnderTest {
  /** The names of callers whose work has begun, in order. */
  readonly begun: string[] = [];
  readonly rejected: string[] = [];
  private readonly queue = new HashQueue(1);
  private readonly finish: (() => void)[] = [];

  send(name: string, caller: Partial<HashCaller> = {}): void {
    const work = () =>
      new Promise<void>((resolve) => {
        this.begun.push(name);
        this.finish.push(resolve);
      });
    this.queue
      .run({ purpose: 'login', account: name, address: '192.0.2.1', ...caller }, work)
      .catch((error: unknown) => {
        this.rejected.push(error instanceof ServiceUnavailableError ? name : String(error));
      });
  }

  sendMany(count: number, name: string, caller: Partial<HashCaller> = {}): void {
    for (let index = 0; index < count; index++) this.send(name, caller);
  }

  /** Ends the work of some callers, one after another. */
  async serve(count: number): Promise<void> {
    for (let served = 0; served < count; served++) {
      this.finish.shift()?.();
      await settle();
    }
  }
}

/** Waits for the callbacks of settled promises. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('HashQueue', () => {
  let queue: QueueUnderTest;

  beforeEach(async () => {
    queue = new QueueUnderTest();
    queue.send('first');
    await settle();
  });

  afterEach(() => queue.serve(1 + HASH_QUEUE.maxWaiting));

  it('serves one account in the order of arrival', async () => {
    for (const name of ['a', 'b', 'c']) queue.send(name, { account: 'one' });
    await queue.serve(3);
    expect(queue.begun).toEqual(['first', 'a', 'b', 'c']);
  });

  it('serves accounts of one address in turn', async () => {
    queue.sendMany(3, 'flood');
    queue.send('other');
    queue.send('another');
    await queue.serve(5);
    expect(queue.begun).toEqual(['first', 'flood', 'other', 'another', 'flood', 'flood']);
  });

  it('serves addresses in turn, regardless of how many accounts they try', async () => {
    for (const name of ['a', 'b', 'c', 'd']) queue.send(name);
    queue.send('elsewhere', { address: '192.0.2.2' });
    await queue.serve(5);
    expect(queue.begun).toEqual(['first', 'a', 'elsewhere', 'b', 'c', 'd']);
  });

  it('serves logins in turn with all other callers', async () => {
    queue.sendMany(2, 'change', { purpose: 'password' });
    queue.send('registration', { purpose: 'registration' });
    queue.send('login');
    queue.send('login too');
    await queue.serve(5);
    expect(queue.begun).toEqual([
      'first',
      'login',
      'change',
      'login too',
      'registration',
      'change',
    ]);
  });

  it('accepts callers of one account until the queue is full, and then rejects them', async () => {
    queue.sendMany(HASH_QUEUE.maxWaiting + 5, 'flood');
    await settle();
    expect(queue.rejected).toHaveLength(5);
    await queue.serve(HASH_QUEUE.maxWaiting);
    expect(queue.begun).toHaveLength(1 + HASH_QUEUE.maxWaiting);
  });

  it('fault 35: makes room for another account in a queue that one account has filled', async () => {
    queue.sendMany(HASH_QUEUE.maxWaiting, 'flood');
    queue.send('other');
    await queue.serve(2);
    expect(queue.rejected).toEqual(['flood']);
    expect(queue.begun).toEqual(['first', 'flood', 'other']);
  });

  it('makes room for another address in a queue that one address has filled', async () => {
    for (let index = 0; index < HASH_QUEUE.maxWaiting; index++) queue.send(`account ${index}`);
    queue.send('other', { address: '192.0.2.2' });
    await queue.serve(2);
    expect(queue.rejected).toEqual([`account ${HASH_QUEUE.maxWaiting - 1}`]);
    expect(queue.begun).toEqual(['first', 'account 0', 'other']);
  });

  it('rejects the newcomer when all callers have equally many places', async () => {
    for (let index = 0; index < HASH_QUEUE.maxWaiting; index++) {
      queue.send(`account ${index}`, { address: `192.0.2.${index}` });
    }
    queue.send('newcomer', { address: '198.51.100.1' });
    await settle();
    expect(queue.rejected).toEqual(['newcomer']);
  });

  it('reserves places for logins in a full queue', async () => {
    for (let index = 0; index < HASH_QUEUE.maxWaiting; index++) {
      queue.send('change', { purpose: 'password', account: `${index}`, address: `${index}` });
    }
    const places = HASH_QUEUE.maxWaiting - HASH_QUEUE.maxWaitingOthers;
    for (let index = 0; index < places; index++) {
      queue.send('login', { account: `${index}`, address: `${index}` });
    }
    await settle();
    expect(queue.rejected).toEqual(Array.from({ length: places }, () => 'change'));
    queue.send('one more', { address: '198.51.100.1' });
    await settle();
    expect(queue.rejected.at(-1)).toBe('one more');
  });

  it('rejects a caller that has waited too long, and serves the others', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    try {
      queue.send('early');
      jest.advanceTimersByTime(HASH_QUEUE.maxWaitMs - 1);
      queue.send('late');
      jest.advanceTimersByTime(1);
      await queue.serve(1);
      expect(queue.rejected).toEqual(['early']);
      expect(queue.begun).toEqual(['first', 'late']);
    } finally {
      jest.useRealTimers();
    }
  });

  it('serves the next caller after work that failed', async () => {
    const failing = new HashQueue(1);
    const caller: HashCaller = { purpose: 'login', account: 'a', address: '192.0.2.1' };
    const failed = failing.run(caller, () => Promise.reject(new Error('failed')));
    const next = failing.run(caller, () => Promise.resolve('served'));
    await expect(failed).rejects.toThrow('failed');
    await expect(next).resolves.toBe('served');
  });
});
