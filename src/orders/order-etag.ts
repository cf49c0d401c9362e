import type { Order } from './order.entity';

/**
 * The strong entity tag of an order (RFC 9110, section 8.8.3). Every transition increments the
 * version. Instances of the previous release also change `attempts` without a transition.
 */
export function orderEtag({ version, attempts }: Pick<Order, 'version' | 'attempts'>): string {
  return `"${version}-${attempts}"`;
}
