import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { type ClaimedOrder, OrderClaims } from './order-claims';

/** Keeps the leases of claimed orders alive, and tells when one was lost nevertheless. */
@Injectable()
export class LeaseRenewal {
  private readonly logger = new Logger(LeaseRenewal.name);
  private readonly held = new Map<ClaimedOrder, AbortController>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly claims: OrderClaims,
    private readonly config: AppConfig,
  ) {}

  /** From now on the lease of the order is renewed. The signal is aborted when it was lost. */
  hold(order: ClaimedOrder): AbortSignal {
    const lost = new AbortController();
    this.held.set(order, lost);
    // Two renewals may fail before a lease runs out.
    const intervalMs = (this.config.processing.leaseSeconds * 1_000) / 3;
    this.timer ??= setInterval(() => void this.renew(), intervalMs);
    return lost.signal;
  }

  letGo(order: ClaimedOrder): void {
    this.held.delete(order);
    if (this.held.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async renew(): Promise<void> {
    const orders = [...this.held.keys()];
    try {
      const renewed = await this.claims.renew(orders);
      for (const order of orders) {
        if (!renewed.has(order.id)) this.held.get(order)?.abort(new Error('The claim was lost'));
      }
    } catch (error) {
      this.logger.warn({ msg: 'Could not renew leases', orders: orders.length, err: error });
    }
  }
}
