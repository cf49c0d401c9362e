import { setTimeout as delay } from 'node:timers/promises';
import { Interruption } from '../src/cli/interruption';
import { HistoryNumbering } from '../src/cli/retention/history-numbering';
import { EventNumbering } from '../src/events/event-numbering';
import type { SignedUp } from './support/api-client';
import { LockingTransaction } from './support/locking-transaction';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';

describe('the numbering of entries before retention deletes them', () => {
  afterEach(() => jest.restoreAllMocks());

  const app = TestApp.forEachTest();
  let user: SignedUp;
  let interruption: Interruption;

  beforeEach(async () => {
    user = await app.api.signUp();
    interruption = new Interruption();
  });

  const numberEntriesOf = (ids: readonly number[]) =>
    new HistoryNumbering({ dataSource: app.dataSource, interruption }).numberEntriesOf(
      ids,
      'Kept.',
    );

  const unnumbered = async () => {
    const sql = 'SELECT order_id AS id FROM order_history WHERE position IS NULL';
    return (await app.dataSource.query<{ id: number }[]>(sql)).map(({ id }) => id);
  };

  it('ends when these entries have positions, although others are added all the time', async () => {
    const { id } = await user.placeOrder();
    const added: number[] = [];
    const numbering = app.nest.get(EventNumbering);
    const number = numbering.number.bind(numbering);
    jest.spyOn(EventNumbering.prototype, 'number').mockImplementation(async () => {
      const numbered = await number();
      if (added.length < 10) added.push((await user.placeOrder()).id);
      return numbered;
    });
    await numberEntriesOf([id]);
    expect(added).toHaveLength(1);
    expect(await unnumbered()).toEqual(added);
  });

  it('does nothing when these entries have positions', async () => {
    const { id } = await user.placeOrder();
    await app.periodicWork.step();
    const { id: other } = await user.placeOrder();
    await numberEntriesOf([id]);
    expect(await unnumbered()).toEqual([other]);
  });

  it('can be interrupted', async () => {
    const { id } = await user.placeOrder();
    jest.spyOn(interruption, 'check').mockRejectedValue(new Error('Interrupted. Kept.'));
    await expect(numberEntriesOf([id])).rejects.toThrow('Interrupted. Kept.');
  });

  (isPostgres() ? describe : describe.skip)('on PostgreSQL', () => {
    it('pauses while a server numbers entries', async () => {
      const { id } = await user.placeOrder();
      const number = jest.spyOn(EventNumbering.prototype, 'number');
      const server = await LockingTransaction.begin(app.dataSource);
      await server.lockLog();
      const numbered = numberEntriesOf([id]);
      await delay(500);
      expect(number.mock.calls.length).toBeLessThanOrEqual(11);
      await server.end();
      await numbered;
      expect(await unnumbered()).toEqual([]);
    });
  });

  it('fails after a minute', async () => {
    const { id } = await user.placeOrder();
    jest.spyOn(EventNumbering.prototype, 'number').mockResolvedValue('busy');
    const now = performance.now.bind(performance);
    const startedAt = now();
    jest.spyOn(performance, 'now').mockImplementation(() => startedAt + (now() - startedAt) * 200);
    await expect(numberEntriesOf([id])).rejects.toThrow('could not be numbered within a minute');
  });
});
