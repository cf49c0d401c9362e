import type { Order } from './order.entity';

/**
 * The strong entity tag of an order (RFC 9110, section 8.8.3). Transitions count the version up;
 * within one version only `attempts` changes, and only upwards, when an order is reclaimed.
 */
export function orderEtag({ version, attempts }: Pick<Order, 'version' | 'attempts'>): string {
  return `"${version}-${attempts}"`;
}
