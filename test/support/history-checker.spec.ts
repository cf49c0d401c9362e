import { type HistoryRow, type OrderRow, findProblems } from './history-checker';

/** An order that went through these statuses, one legal transition each. */
function orderWith(...path: HistoryRow['to_status'][]): { order: OrderRow; history: HistoryRow[] } {
  const status = path.at(-1)!;
  const onlyIf = (other: string) => (status === other ? 'set' : null);
  return {
    order: {
      id: 7,
      status,
      version: path.length,
      attempts: 1,
      lease_token: onlyIf('processing'),
      next_attempt_at: onlyIf('pending'),
      completed_at: onlyIf('completed'),
      cancelled_at: onlyIf('cancelled'),
      failure_reason: onlyIf('failed'),
    },
    history: path.map((to_status, index) => ({
      order_id: 7,
      sequence: index + 1,
      from_status: path[index - 1] ?? null,
      to_status,
      actor_type: to_status === 'pending' && index === 0 ? 'user' : 'system',
    })),
  };
}

describe('the checker of histories', () => {
  it('accepts every legal path', () => {
    for (const path of [
      ['pending'],
      ['pending', 'processing'],
      ['pending', 'processing', 'completed'],
      ['pending', 'processing', 'pending', 'processing', 'failed'],
    ] as const) {
      const { order, history } = orderWith(...path);
      expect(findProblems([order], history, [7])).toEqual([]);
    }
  });

  it.each<[string, (order: OrderRow, history: HistoryRow[]) => [OrderRow[], HistoryRow[]]]>([
    ['does not exist', () => [[], []]],
    ['has no history', (order) => [[order], []]],
    [
      'order 8 has a history, but does not exist',
      (order, history) => [[order], [...history, { ...history[0]!, order_id: 8 }]],
    ],
    [
      'entry 3 has the sequence 4',
      (order, [first, second, third]) => [[order], [first!, second!, { ...third!, sequence: 4 }]],
    ],
    [
      'has 2 completed entries',
      (order, history) => [[order], [...history, { ...history[2]!, sequence: 4 }]],
    ],
    [
      'follows the status completed',
      (order, history) => [[order], [...history, { ...history[2]!, sequence: 4 }]],
    ],
    ['has 2 history entries, but version 3', (order, history) => [[order], history.slice(0, 2)]],
    ['the history ends with processing', (order, history) => [[order], history.slice(0, 2)]],
    [
      '(pending -> completed by system) is not a legal transition',
      (order, [first, , third]) => [
        [order],
        [first!, { ...third!, sequence: 2, from_status: 'pending' }],
      ],
    ],
    [
      '(processing -> completed by user) is not a legal transition',
      (order, [first, second, third]) => [
        [order],
        [first!, second!, { ...third!, actor_type: 'user' }],
      ],
    ],
    ['lease_token is set', (order, history) => [[{ ...order, lease_token: 'x' }], history]],
    ['completed_at is empty', (order, history) => [[{ ...order, completed_at: null }], history]],
  ])('reports: %s', (problem, corrupt) => {
    const { order, history } = orderWith('pending', 'processing', 'completed');
    const problems = findProblems(...corrupt(order, history), [7]);
    expect(problems).toContainEqual(expect.stringContaining(problem));
  });
});
