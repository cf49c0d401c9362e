/** Every status an order can have. */
export const ORDER_STATUSES = [
  'pending',
  'processing',
  'completed',
  'cancelled',
  'failed',
] as const;

export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** Who causes a transition: the owner of the order, the processing job, or an admin. */
export const ACTOR_TYPES = ['user', 'system', 'admin'] as const;

export type ActorType = (typeof ACTOR_TYPES)[number];

/** An edge of the status graph, and who causes it. */
export interface Transition {
  readonly from: OrderStatus;
  readonly to: OrderStatus;
  readonly by: ActorType;
}

/** The statuses that `MAX_OPEN_ORDERS_PER_USER` limits. */
export const OPEN_STATUSES: readonly OrderStatus[] = ['pending', 'processing'];

export const INITIAL_STATUS: OrderStatus = 'pending';

/** The status graph: which status may follow which, and who causes it. */
export const TRANSITIONS = {
  claim: { from: 'pending', to: 'processing', by: 'system' },
  complete: { from: 'processing', to: 'completed', by: 'system' },
  /** The attempt failed, and the next one is due later. */
  postpone: { from: 'processing', to: 'pending', by: 'system' },
  /** A shutdown ended the attempt, which does not count, or its process died. */
  release: { from: 'processing', to: 'pending', by: 'system' },
  /** The last attempt failed, or a step rejected the order. */
  fail: { from: 'processing', to: 'failed', by: 'system' },
  cancel: { from: 'pending', to: 'cancelled', by: 'user' },
  cancelByAdmin: { from: 'pending', to: 'cancelled', by: 'admin' },
  cancelFailed: { from: 'failed', to: 'cancelled', by: 'admin' },
  retry: { from: 'failed', to: 'pending', by: 'admin' },
} as const satisfies Record<string, Transition>;

export type TransitionName = keyof typeof TRANSITIONS;

/** The name of a transition for hooks, events and the log: cancellations by owners and by admins are one kind. */
export type TransitionKind = Exclude<TransitionName, 'cancelByAdmin' | 'cancelFailed'>;

export function kindOf(name: TransitionName): TransitionKind {
  return name === 'cancelByAdmin' || name === 'cancelFailed' ? 'cancel' : name;
}

/** The transitions that an admin causes. */
export type AdminTransition = {
  [Name in TransitionName]: (typeof TRANSITIONS)[Name]['by'] extends 'admin' ? Name : never;
}[TransitionName];

export const TRANSITION_NAMES = Object.keys(TRANSITIONS) as TransitionName[];

export const TRANSITION_KINDS: readonly TransitionKind[] = [
  ...new Set(TRANSITION_NAMES.map(kindOf)),
];

/** The statuses that no transition leaves. */
export const ENDED_STATUSES: readonly OrderStatus[] = ORDER_STATUSES.filter(
  (status) => !TRANSITION_NAMES.some((name) => TRANSITIONS[name].from === status),
);

/** The transitions that the owner of an order can request. */
export const OWNER_ACTIONS = TRANSITION_NAMES.filter((name) => TRANSITIONS[name].by === 'user');

/** The transitions that the owner of an order with this status can request. */
export function allowedActions(status: OrderStatus): TransitionName[] {
  return OWNER_ACTIONS.filter((name) => TRANSITIONS[name].from === status);
}

/** Whether a history entry can record this step. The first one has no status before. */
export function isLegalStep(from: OrderStatus | null, to: OrderStatus, by: ActorType): boolean {
  if (from === null) return to === INITIAL_STATUS && by === 'user';
  return TRANSITION_NAMES.some((name) => {
    const transition: Transition = TRANSITIONS[name];
    return transition.from === from && transition.to === to && transition.by === by;
  });
}

/** Draws the status graph in plain text: each status, with the transitions from it. */
export function drawStatusGraph(): string {
  const width = Math.max(...TRANSITION_NAMES.map((name) => name.length));
  return ORDER_STATUSES.flatMap((status) => {
    const names = TRANSITION_NAMES.filter((name) => TRANSITIONS[name].from === status);
    const lines = names.map((name, index) => {
      const corner = index === names.length - 1 ? '└' : '├';
      return `${corner} ${name.padEnd(width)} → ${TRANSITIONS[name].to}`;
    });
    return lines.length > 0 ? [status, ...lines] : [];
  }).join('\n');
}

/**
 * Checked when the application starts.
 * @throws Error when a status cannot be reached, or a transition does not change the status
 */
export function assertStatusGraphIsSound(
  transitions: readonly Transition[] = Object.values(TRANSITIONS),
): void {
  const reached = new Set<OrderStatus>([INITIAL_STATUS]);
  for (const status of reached) {
    for (const { from, to } of transitions) if (from === status) reached.add(to);
  }
  const unreachable = ORDER_STATUSES.filter((status) => !reached.has(status));
  if (unreachable.length > 0) throw new Error(`No transition leads to: ${unreachable.join(', ')}`);
  const loop = transitions.find(({ from, to }) => from === to);
  if (loop) throw new Error(`A transition leads from ${loop.from} to itself`);
}
