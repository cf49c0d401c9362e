import { RecordedPositions } from './recorded-positions';

describe('RecordedPositions', () => {
  it('stays before the first event that is not recorded', () => {
    const recorded = new RecordedPositions(10, [12, 15, 20], 25);
    expect(recorded.position).toBe(10);
    recorded.record(15);
    expect(recorded.position).toBe(10);
    recorded.record(12);
    expect(recorded.position).toBe(15);
    recorded.record(20);
    expect(recorded.position).toBe(25);
  });

  it('reaches the end at once when there are no events', () => {
    expect(new RecordedPositions(10, [], 25).position).toBe(25);
    expect(new RecordedPositions(10, [], 10).position).toBe(10);
  });

  it('never goes back', () => {
    expect(new RecordedPositions(10, [], 5).position).toBe(10);
  });

  it('ignores positions of other events, such as retries', () => {
    const recorded = new RecordedPositions(10, [12], 12);
    recorded.record(3);
    expect(recorded.position).toBe(10);
    recorded.record(12);
    expect(recorded.position).toBe(12);
  });
});
