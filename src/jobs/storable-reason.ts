import { MAX_REASON_LENGTH } from '../orders/order.entity';
import { isReleaseReason } from '../orders/release-reasons';

/**
 * Removes NUL, which PostgreSQL cannot store, and limits the length. The reasons of releases are reserved: a step
 * that uses one of them gets a period after it.
 */
export function toStorableReason(reason: string): string {
  const storable = reason.replaceAll('\0', '').slice(0, MAX_REASON_LENGTH);
  return isReleaseReason(storable) ? `${storable}.` : storable;
}
