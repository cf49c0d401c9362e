import { RecordedPositions } from './recorded-positions';
import { TurnProgress } from './turn-progress';

describe('TurnProgress', () => {
  const create = () =>
    new TurnProgress(
      { endpointId: 1, leaseToken: 'token', replay: 0, revision: 0, failures: 0, maxFailures: 5 },
      new RecordedPositions(0, [], 0),
    );

  it('reports a 410 once', () => {
    const progress = create();
    progress.failed(true);
    expect(progress.take()).toMatchObject({ isGone: true });
    progress.failed(false);
    expect(progress.take()).toMatchObject({ isGone: false });
  });

  it('reports a 410 again when it could not be stored', () => {
    const progress = create();
    progress.failed(true);
    const changes = progress.take()!;
    progress.putBack(changes);
    expect(progress.take()).toMatchObject({ isGone: true });
  });
});
