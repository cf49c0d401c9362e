import type { Order } from './order.entity';

type OrderState = Pick<Order, 'version' | 'attempts' | 'metadataVersion'>;

/** What identifies a state of an order. As conditions of a statement, they check an entity tag again. */
export function stateOf({ version, attempts, metadataVersion }: OrderState): OrderState {
  return { version, attempts, metadataVersion };
}

/**
 * The strong entity tag of an order (RFC 9110, section 8.8.3). Every transition increments the
 * version, and every change of the metadata its own. Instances of the previous release also change
 * `attempts` without a transition.
 */
export function orderEtag(order: OrderState): string {
  const { version, attempts, metadataVersion } = stateOf(order);
  return `"${version}-${attempts}${metadataVersion > 0 ? `-${metadataVersion}` : ''}"`;
}

/** The entity tag of an order as admins see it. A lease is renewed without a transition. */
export function adminOrderEtag(
  order: OrderState & { readonly leaseExpiresAt: Date | string | null },
): string {
  const tag = orderEtag(order);
  const { leaseExpiresAt } = order;
  if (leaseExpiresAt === null) return tag;
  return tag.replace(/"$/, `-${new Date(leaseExpiresAt).getTime().toString(36)}"`);
}
