import { MAX_REASON_LENGTH } from '../orders/order.entity';

/** Removes NUL, which PostgreSQL cannot store, and limits the length. */
export function toStorableReason(reason: string): string {
  return reason.replaceAll('\0', '').slice(0, MAX_REASON_LENGTH);
}
