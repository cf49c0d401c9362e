import { NoMeasurements } from '../src/common/measurements';
import { OrderEvents } from '../src/orders/order-events';
import { OrderTransitions } from '../src/orders/order-transitions';
import { Order } from '../src/orders/order.entity';
import { OwnerTurns } from '../src/orders/owner-turns';
import { TransitionHooks } from '../src/orders/transition-hooks';
import { SqlExpression } from '../src/database/returning';
import { Transactions } from '../src/database/transactions';
import { TestApp } from './support/test-app';

/** Instances on one database; each has its own memory. */
describe('the turns of owners', () => {
  const app = TestApp.forEachTest({ PROCESSING_ENABLED: 'false' });
  let now: number;
  let ada: number;
  let ben: number;

  beforeEach(async () => {
    ({ userId: ada } = await app.api.signUp());
    ({ userId: ben } = await app.api.signUp());
    now = 1_000_000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  const waitASecond = () => void (now += 1_001);

  function startInstance() {
    const turns = new OwnerTurns();
    const transitions = new OrderTransitions(
      app.nest.get(OrderEvents),
      turns,
      new NoMeasurements(),
      app.nest.get(TransitionHooks),
    );
    const run = app.nest.get(Transactions);
    return {
      turns,
      place: async (userId: number, condition?: SqlExpression) => {
        const values = { userId, productName: 'Laptop', amountMinor: 100 };
        const order = await run.run((tx) => transitions.place(tx, values, condition));
        return order?.turn ?? undefined;
      },
    };
  }

  type Instance = ReturnType<typeof startInstance>;

  async function placeMany({ place }: Instance, userId: number, count: number): Promise<number[]> {
    const turns: number[] = [];
    for (let n = 0; n < count; n++) turns.push((await place(userId))!);
    return turns;
  }

  const cancelAll = () =>
    app.dataSource
      .getRepository(Order)
      .update({ status: 'pending' }, { status: 'cancelled', nextAttemptAt: null });

  it('gives an owner each turn once, and another owner the current turn', async () => {
    const instance = startInstance();
    expect(await placeMany(instance, ada, 4)).toEqual([0, 1, 2, 3]);
    expect(await placeMany(instance, ben, 2)).toEqual([0, 1]);
    instance.turns.claimed([0, 0, 1, 1, 2], false);
    expect(await placeMany(instance, ada, 1)).toEqual([4]);
    expect(await placeMany(instance, ben, 2)).toEqual([2, 3]);
  });

  it('continues with the newest order of an owner after a restart, and in another instance', async () => {
    await placeMany(startInstance(), ada, 4);
    const other = startInstance();
    expect(await placeMany(other, ada, 2)).toEqual([4, 5]);
    expect(await placeMany(other, ben, 1)).toEqual([0]);
  });

  it('continues after orders of the previous release, which have no turn', async () => {
    const instance = startInstance();
    await placeMany(instance, ada, 3);
    await app.dataSource.query(`UPDATE orders SET turn = NULL WHERE turn = 2`);
    waitASecond();
    expect(await placeMany(instance, ada, 2)).toEqual([3, 4]);
  });

  it('does not count orders that were cancelled', async () => {
    const instance = startInstance();
    await placeMany(instance, ada, 5);
    await cancelAll();
    waitASecond();
    expect(await placeMany(instance, ada, 2)).toEqual([1, 2]);
  });

  it('does not count orders that were rejected', async () => {
    const instance = startInstance();
    await placeMany(instance, ada, 2);
    for (let n = 0; n < 5; n++) {
      expect(await instance.place(ada, new SqlExpression('1 = 0', {}))).toBeUndefined();
    }
    expect(await placeMany(instance, ada, 1)).toEqual([2]);
  });

  it('reads the current turn in an instance that never claims', async () => {
    const claiming = startInstance();
    const serving = startInstance();
    await serving.place(ben);
    await placeMany(claiming, ada, 50);
    await app.dataSource.query(`DELETE FROM order_history`);
    await app.dataSource.query(`DELETE FROM orders WHERE turn < 40`);
    waitASecond();
    expect(await serving.place(ben)).toBe(40);
  });

  it('follows an instance that began with the first turn again', async () => {
    const before = startInstance();
    before.turns.claimed([5_000], false);
    await placeMany(startInstance(), ada, 3);
    waitASecond();
    expect(await before.place(ben)).toBe(0);

    const claiming = startInstance();
    claiming.turns.claimed([5_000], false);
    expect(await claiming.place(ada)).toBe(5_000);
    claiming.turns.claimed([0, 1, 2], true);
    expect(await claiming.place(ben)).toBe(2);
  });

  it('needs no other statement for the next order of an owner', async () => {
    const instance = startInstance();
    await instance.place(ada);
    const tx = { manager: app.dataSource.manager, afterCommit: () => undefined };
    const query = jest.spyOn(app.dataSource.manager, 'query');
    expect(await instance.turns.forNewOrder(tx, ada, true)).toBe(1);
    expect(await instance.turns.forNewOrder(tx, ben, true)).toBeInstanceOf(SqlExpression);
    expect(query).not.toHaveBeenCalled();
  });
});
