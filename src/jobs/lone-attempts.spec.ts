import type { AttemptSlots } from './attempt-slots';
import type { ClaimedOrder } from './claimed-order';
import { LoneAttempts } from './lone-attempts';
import type { OrderClaims } from './order-claims';

describe('LoneAttempts', () => {
  let now: number;
  let due: number[];
  let running: number;
  let begun: number[];
  let lone: LoneAttempts;

  beforeEach(() => {
    now = 0;
    due = [];
    running = 1;
    begun = [];
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const claims = {
      findAlone: () => Promise.resolve(due[0]),
      claimAlone: () => Promise.resolve(due.splice(0, 1).map((id) => ({ id }))),
    };
    const slots = {
      isClosed: false,
      free: 1,
      get running() {
        return running;
      },
      get isIdle() {
        return running === 0;
      },
      get areAllFree() {
        return running === 0;
      },
      until: (isMet: () => boolean, maxMs: number) => {
        if (!isMet()) now += maxMs;
        return Promise.resolve();
      },
      begin: (orders: readonly ClaimedOrder[]) => {
        begun.push(...orders.map(({ id }) => id));
        return Promise.resolve();
      },
    };
    lone = new LoneAttempts(claims as unknown as OrderClaims, slots as unknown as AttemptSlots);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  const tryNext = async () => {
    now += 60_000;
    await lone.runNext();
  };

  it('begins an attempt beside others after they have prevented it three times', async () => {
    due = [1];
    for (let n = 0; n < 3; n++) await tryNext();
    expect(begun).toEqual([]);
    await tryNext();
    expect(begun).toEqual([1]);
  });

  it('counts for each order how often others have prevented its attempt', async () => {
    due = [1];
    for (let n = 0; n < 3; n++) await tryNext();
    due = [2]; // the first order was cancelled
    for (let n = 0; n < 3; n++) await tryNext();
    expect(begun).toEqual([]);
    await tryNext();
    expect(begun).toEqual([2]);
  });

  it('knows that an order is waiting after it was too early to look for one', async () => {
    running = 0;
    await lone.runNext();
    due = [1];
    expect(await lone.isAnyWaiting()).toBe(false); // the run has just looked
    await lone.runNext(); // too early
    expect(await lone.isAnyWaiting()).toBe(true);
    expect(lone.isCheckDue).toBe(true);
    await lone.runNext();
    expect(begun).toEqual([1]);
  });
});
