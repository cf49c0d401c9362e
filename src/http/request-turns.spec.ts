import { setImmediate as nextPass } from 'node:timers/promises';
import { RequestTurns } from './request-turns';

describe('RequestTurns', () => {
  let turns: RequestTurns;
  let served: string[];
  let now: number;

  beforeEach(() => {
    turns = new RequestTurns();
    served = [];
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });

  afterEach(() => jest.restoreAllMocks());

  const add = (name: string) => turns.add(() => void served.push(name));

  const passes = async (count: number) => {
    for (let n = 0; n < count; n++) await nextPass();
  };

  it('serves requests in order of arrival', async () => {
    add('a');
    add('b');
    await nextPass();
    add('c');
    await passes(4);
    expect(served).toEqual(['a', 'b', 'c']);
  });

  it('waits while connections are accepted', async () => {
    add('a');
    for (let n = 0; n < 50; n++) {
      turns.accepted();
      await nextPass();
    }
    expect(served).toEqual([]);
    await passes(2);
    expect(served).toEqual(['a']);
  });

  it('waits for 10 ms at most', async () => {
    add('a');
    for (now = 1; served.length === 0 && now < 100; now++) {
      turns.accepted();
      await nextPass();
    }
    expect(now).toBeGreaterThanOrEqual(9);
    expect(now).toBeLessThanOrEqual(13);
    expect(served).toEqual(['a']);
  });
});
