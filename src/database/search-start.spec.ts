import { SearchStart } from './search-start';

describe('SearchStart', () => {
  let now = 0;
  let start: SearchStart<number, number>;
  let keys: number[];
  let searchedFrom: number[];

  beforeEach(() => {
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    start = new SearchStart(0, (key: number) => key);
    keys = [];
    searchedFrom = [];
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  const search = (from: number) => {
    searchedFrom.push(from);
    return Promise.resolve(keys.filter((key) => key >= from).slice(0, 2));
  };

  it('begins at the first key that the last search found', async () => {
    keys = [5, 6, 7];
    await start.run(search);
    await start.run(search);
    keys = [7, 8];
    await start.run(search);
    await start.run(search);
    expect(searchedFrom).toEqual([0, 5, 5, 7]);
  });

  it('begins at the same key again after it found nothing', async () => {
    keys = [5];
    await start.run(search);
    keys = [];
    await start.run(search);
    await start.run(search);
    expect(searchedFrom).toEqual([0, 5, 5]);
  });

  it('begins at the first key once a second', async () => {
    keys = [5, 6];
    await start.run(search);
    keys = [3, 5, 6];
    now = 999;
    expect(await start.run(search)).toEqual([5, 6]);
    expect(start.isFullSearchDue).toBe(false);
    now = 1_000;
    expect(start.isFullSearchDue).toBe(true);
    expect(await start.run(search)).toEqual([3, 5]);
    await start.run(search);
    expect(searchedFrom).toEqual([0, 5, 0, 3]);
  });

  it('spends at most a twentieth of the time on slow searches from the first key', async () => {
    keys = [5];
    await start.run(async (from) => {
      now += 500;
      return search(from);
    });
    now = 500 + 9_999;
    expect(start.isFullSearchDue).toBe(false);
    now++;
    expect(start.isFullSearchDue).toBe(true);
  });

  it('begins at the last key after a search from the first key has failed', async () => {
    keys = [5];
    await start.run(search);
    now = 1_000;
    await expect(start.run(() => Promise.reject(new Error('Too late')))).rejects.toThrow(
      'Too late',
    );
    await start.run(search);
    expect(searchedFrom).toEqual([0, 5]);
  });

  it('begins at the first key once when searches are concurrent', async () => {
    keys = [5];
    await start.run(search);
    now = 1_000;
    await Promise.all([start.run(search), start.run(search)]);
    expect(searchedFrom).toEqual([0, 0, 5]);
  });

  it('begins at the first key on request', async () => {
    keys = [5];
    await start.run(search);
    keys = [3];
    expect(await start.run(search)).toEqual([]);
    expect(await start.runFull(search)).toEqual([3]);
  });

  it('begins at the first key after the longest pause, however slow the search was', async () => {
    start = new SearchStart(0, (key: number) => key, 10_000);
    await start.run(async (from) => {
      now += 60_000;
      return search(from);
    });
    now = 60_000 + 9_999;
    expect(start.isFullSearchDue).toBe(false);
    now++;
    expect(start.isFullSearchDue).toBe(true);
  });

  it('has the next key for searches of its caller, which use up no search from the first key', async () => {
    expect(start.next).toBe(0);
    start.found([7, 5]);
    expect(start.next).toBe(5);
    start.found([]);
    expect(start.next).toBe(5);
    expect(start.isFullSearchDue).toBe(true);
  });
});
