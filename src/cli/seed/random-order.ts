import { INITIAL_STATUS, TRANSITIONS, type TransitionName } from '../../orders/order-status';
import { RELEASE_REASON } from '../../orders/release-reasons';
import type { HistoryRow, OrderRow } from '../rows/order-rows';

/** How often an order takes this path after it was placed. */
interface Path {
  readonly share: number;
  readonly steps: readonly TransitionName[];
}

const FAILED_ATTEMPT = ['claim', 'postpone'] as const;
const FAILED = [
  ...Array.from({ length: 4 }, () => FAILED_ATTEMPT).flat(),
  'claim',
  'fail',
] as const;

/** None ends with a claim: there is no process that would work on the order. */
const PATHS: readonly Path[] = [
  { share: 0.8, steps: ['claim', 'complete'] },
  { share: 0.05, steps: [...FAILED_ATTEMPT, 'claim', 'complete'] },
  { share: 0.01, steps: ['claim', 'release', 'claim', 'complete'] },
  { share: 0.055, steps: ['cancel'] },
  { share: 0.005, steps: ['cancelByAdmin'] },
  { share: 0.01, steps: [...FAILED_ATTEMPT, 'cancel'] },
  { share: 0.015, steps: FAILED },
  { share: 0.005, steps: [...FAILED, 'cancelFailed'] },
  { share: 0.005, steps: [...FAILED, 'retry', 'claim', 'complete'] },
  { share: 0.005, steps: FAILED_ATTEMPT },
  { share: 0.04, steps: [] },
];

const PRODUCTS = [
  'Laptop',
  'Phone',
  'Desk lamp',
  'Headphones',
  'Keyboard',
  'Office chair',
  'Café table',
];
const CANCEL_REASONS = [
  null,
  null,
  'Ordered twice',
  'Found it cheaper, "elsewhere"',
  'No longer needed',
];
const FAILURE_REASON = 'The warehouse did not respond';

/** In milliseconds. */
const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const MAX_AGE = 90 * DAY;
/** An order whose path has ended did so more than a day ago: no path takes two hours. */
const MIN_AGE = DAY + 7_200 * SECOND;
/** So that an order that is still pending is hardly overdue. */
const MAX_PENDING_AGE = 200 * SECOND;

/** How long a transition follows the one before, at most. */
const MAX_GAP = {
  claim: 120 * SECOND,
  complete: SECOND,
  postpone: SECOND,
  release: SECOND,
  fail: SECOND,
  cancel: 60 * SECOND,
  cancelByAdmin: 60 * SECOND,
  cancelFailed: 3_600 * SECOND,
  retry: 3_600 * SECOND,
} as const satisfies Record<TransitionName, number>;

export interface Author {
  readonly id: number;
  readonly userId: number;
  /** Who retries and cancels orders of others. */
  readonly adminId: number;
  /** By the clock of the database, in milliseconds. */
  readonly now: number;
}

/** Invents an order with its history, which is a path of the status graph. */
export function randomOrder({ id, userId, adminId, now }: Author): {
  readonly order: OrderRow;
  readonly history: readonly HistoryRow[];
} {
  const steps = randomPath();
  const end = steps.at(-1) ? TRANSITIONS[steps.at(-1) as TransitionName].to : INITIAL_STATUS;
  const isPending = end === INITIAL_STATUS;
  const createdAt = isPending
    ? now - MAX_PENDING_AGE + random(MAX_PENDING_AGE / 4)
    : now - MIN_AGE - random(MAX_AGE);
  const placedAt = isoString(createdAt);
  const cancelReason = end === 'cancelled' ? pick(CANCEL_REASONS) : null;
  const first = {
    order_id: id,
    sequence: 1,
    from_status: null,
    to_status: INITIAL_STATUS,
  } as const;
  const history: HistoryRow[] = [
    { ...first, actor_type: 'user', actor_id: userId, reason: null, created_at: placedAt },
  ];
  let at = createdAt;
  let attempts = 0;
  for (const [index, name] of steps.entries()) {
    const { from, to, by } = TRANSITIONS[name];
    at += random(MAX_GAP[name]);
    attempts = name === 'retry' ? 0 : attempts + ATTEMPTS[name];
    history.push({
      order_id: id,
      sequence: index + 2,
      from_status: from,
      to_status: to,
      actor_type: by,
      actor_id: by === 'user' ? userId : by === 'admin' ? adminId : null,
      reason: to === 'cancelled' ? cancelReason : (REASONS[name] ?? null),
      created_at: isoString(at),
    });
  }
  const movedAt = isoString(at);
  const dueAt = steps.length > 0 ? isoString(now + random(600 * SECOND)) : movedAt;
  const order: OrderRow = {
    id,
    user_id: userId,
    product_name: pick(PRODUCTS),
    amount_minor: 1 + Math.floor(10 ** (2 + Math.random() * 4)),
    status: end,
    version: history.length,
    attempts,
    next_attempt_at: isPending ? dueAt : null,
    failure_reason: end === 'failed' ? FAILURE_REASON : null,
    cancel_reason: cancelReason,
    created_at: placedAt,
    updated_at: movedAt,
    cancelled_at: end === 'cancelled' ? movedAt : null,
    completed_at: end === 'completed' ? movedAt : null,
  };
  return { order, history };
}

/** What a transition adds to the attempts of an order. */
const ATTEMPTS = {
  claim: 1,
  complete: 0,
  postpone: 0,
  release: -1,
  fail: 0,
  cancel: 0,
  cancelByAdmin: 0,
  cancelFailed: 0,
} as const;

const REASONS: Partial<Record<TransitionName, string>> = {
  postpone: FAILURE_REASON,
  release: RELEASE_REASON.interrupted,
  fail: FAILURE_REASON,
};

function randomPath(): readonly TransitionName[] {
  let rest = Math.random();
  return PATHS.find(({ share }) => (rest -= share) < 0)?.steps ?? [];
}

function random(max: number): number {
  return Math.floor(Math.random() * max);
}

function pick<Value>(values: readonly [Value, ...Value[]] | readonly Value[]): Value {
  return values[random(values.length)] as Value;
}

function isoString(instant: number): string {
  return new Date(instant).toISOString();
}
