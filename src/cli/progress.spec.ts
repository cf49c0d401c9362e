import { Progress } from './progress';

describe('Progress', () => {
  const written: string[] = [];
  const write = (string: string) => written.push(string);
  let now = 0;

  beforeEach(() => {
    written.length = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });

  afterEach(() => jest.restoreAllMocks());

  it('is a bar on a terminal, which is removed at the end', () => {
    const progress = new Progress('Orders', 200, { isTTY: true, write });
    progress.show(0);
    progress.show(50); // too early
    now += 100;
    progress.show(100);
    progress.end();
    const [half, empty] = ['#'.repeat(15) + ' '.repeat(15), ' '.repeat(30)];
    expect(written).toEqual([`\rOrders [${empty}] 0 %`, `\rOrders [${half}] 50 %`, '\r\x1b[K']);
  });

  it('is a plain line every five seconds elsewhere', () => {
    const progress = new Progress('Orders', 1_000, { write });
    for (let done = 0; done <= 1_000; done += 100) {
      progress.show(done);
      now += 1_000;
    }
    progress.end();
    expect(written).toEqual(['Orders: 0 %\n', 'Orders: 50 %\n', 'Orders: 100 %\n']);
  });

  it('is complete when there is nothing to do, and never above 100 %', () => {
    new Progress('Orders', 0, { write }).show(0);
    new Progress('Orders', 10, { write }).show(11);
    expect(written).toEqual(['Orders: 100 %\n', 'Orders: 100 %\n']);
  });
});
