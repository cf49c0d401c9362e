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
      cancelByAdmin: { from: 'pending', to: 'cancelled', by: 'admin' },
      cancelFailed: { from: 'failed', to: 'cancelled', by: 'admin' },
      retry: { from: 'failed', to: 'pending', by: 'admin' },
    });
  });

  it.each(ORDER_STATUSES)('allows the owner to cancel in the status pending only: %s', (status) => {
    expect(allowedActions(status)).toEqual(status === 'pending' ? ['cancel'] : []);
  });

  it('is sound', () => {
    expect(() => assertStatusGraphIsSound()).not.toThrow();
  });

  it('is rejected when a status cannot be reached', () => {
    const { claim, complete } = TRANSITIONS;
    expect(() => assertStatusGraphIsSound([claim, complete])).toThrow(
      'leads to: cancelled, failed',
    );
  });

  it('is rejected when a transition does not change the status', () => {
    const loop: Transition = { from: 'pending', to: 'pending', by: 'user' };
    expect(() => assertStatusGraphIsSound([...Object.values(TRANSITIONS), loop])).toThrow(
      'from pending to itself',
    );
  });
});
