import { csvRecord } from '../common/csv';
import type { AdminOrderResponse } from './admin-order.dto';
import type { OrderResponse } from './order.dto';

/** All fields of a response but the actions, which depend on who asks. */
type Field<Response> = Exclude<keyof Response, 'allowed_actions'>;

// Objects, so that a field that is added to a response and not listed here is a compiler error.
const FIELDS = {
  id: true,
  user_id: true,
  product_name: true,
  amount: true,
  status: true,
  created_at: true,
  updated_at: true,
  cancelled_at: true,
  cancel_reason: true,
  completed_at: true,
  attempts: true,
  failure_reason: true,
  reference: true,
  metadata: true,
  next_attempt_at: true,
} satisfies Record<Field<OrderResponse>, true>;

const ADMIN_FIELDS = {
  ...FIELDS,
  lease_expires_at: true,
} satisfies Record<Field<AdminOrderResponse>, true>;

/** Orders as CSV, one line each. */
export interface OrderCsv<Response> {
  readonly header: string;
  /** Numbers are written as in JSON: none is negative, so no spreadsheet executes one. */
  readonly record: (order: Response) => string;
  readonly example: (order: Response) => string;
}

/** Orders as their owner sees them. */
export const ORDER_CSV = csvWith<OrderResponse>(FIELDS);

/** Orders as admins see them. */
export const ADMIN_ORDER_CSV = csvWith<AdminOrderResponse>(ADMIN_FIELDS);

function csvWith<Response extends OrderResponse>(
  fields: Readonly<Record<Field<Response>, true>>,
): OrderCsv<Response> {
  const names = Object.keys(fields);
  const header = csvRecord(names);
  const record = (order: Response) =>
    csvRecord(names.map((name) => toCell(order[name as Field<Response>])));
  return { header, record, example: (order) => header + record(order) };
}

/** Metadata is a JSON object, because a record has a fixed number of cells. */
function toCell(value: unknown): string | number | null {
  if (typeof value === 'string' || typeof value === 'number') return value;
  return value === null ? null : JSON.stringify(value);
}
