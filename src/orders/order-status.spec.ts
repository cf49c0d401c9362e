import {
  ORDER_STATUSES,
  TRANSITIONS,
  type Transition,
  allowedActions,
  assertStatusGraphIsSound,
} from './order-status';

describe('the status graph', () => {
  it('leads to completed, failed or cancelled, with ways back for another attempt', () => {
    expect(TRANSITIONS).toEqual({
      claim: { from: 'pending', to: 'processing', by: 'system' },
      complete: { from: 'processing', to: 'completed', by: 'system' },
      postpone: { from: 'processing', to: 'pending', by: 'system' },
      release: { from: 'processing', to: 'pending', by: 'system' },
      fail: { from: 'processing', to: 'failed', by: 'system' },
      cancel: { from: 'pending', to: 'cancelled', by: 'user' },
      retry: { from: 'failed', to: 'pending', by: 'admin' },
    });
  });

  it.each(ORDER_STATUSES)('lets the owner cancel while pending only: %s', (status) => {
    expect(allowedActions(status)).toEqual(status === 'pending' ? ['cancel'] : []);
  });

  it('is sound', () => {
    expect(() => assertStatusGraphIsSound()).not.toThrow();
  });

  it('is refused when a status cannot be reached', () => {
    const { claim, complete } = TRANSITIONS;
    expect(() => assertStatusGraphIsSound([claim, complete])).toThrow(
      'leads to: cancelled, failed',
    );
  });

  it('is refused when a transition leads nowhere', () => {
    const loop: Transition = { from: 'pending', to: 'pending', by: 'user' };
    expect(() => assertStatusGraphIsSound([...Object.values(TRANSITIONS), loop])).toThrow(
      'from pending to itself',
    );
  });
});
