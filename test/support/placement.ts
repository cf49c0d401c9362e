/** The transition of an order that a user has placed. */
export const PLACEMENT = {
  name: 'place',
  from: null,
  actor: { type: 'user', id: 1 },
  reason: null,
  requestId: null,
} as const;
