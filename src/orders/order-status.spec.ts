import {
  ORDER_STATUSES,
  TRANSITIONS,
  type Transition,
  allowedActions,
  assertStatusGraphIsSound,
} from './order-status';

describe('the status graph', () => {
  it('is pending -> processing -> completed, and pending -> cancelled by the owner', () => {
    expect(TRANSITIONS).toEqual({
      claim: { from: 'pending', to: 'processing', by: 'system' },
      complete: { from: 'processing', to: 'completed', by: 'system' },
      cancel: { from: 'pending', to: 'cancelled', by: 'user' },
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
    expect(() => assertStatusGraphIsSound([claim, complete])).toThrow('leads to: cancelled');
  });

  it('is refused when a transition leads nowhere', () => {
    const loop: Transition = { from: 'pending', to: 'pending', by: 'user' };
    expect(() => assertStatusGraphIsSound([...Object.values(TRANSITIONS), loop])).toThrow(
      'from pending to itself',
    );
  });
});
