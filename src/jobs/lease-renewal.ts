import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { type ClaimedOrder, OrderClaims } from './order-claims';

/** Renews the leases of claimed orders, and signals when a claim was lost all the same. */
@Injectable()
export class LeaseRenewal {
  private readonly logger = new Logger(LeaseRenewal.name);
  private readonly controllers = new Map<ClaimedOrder, AbortController>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly claims: OrderClaims,
    private readonly config: AppConfig,
  ) {}

  /** @returns a signal that is aborted when the claim is lost */
  start(order: ClaimedOrder): AbortSignal {
    const lost = new AbortController();
    this.controllers.set(order, lost);
    // Two renewals can fail before a lease expires.
    const intervalMs = (this.config.processing.leaseSeconds * 1_000) / 3;
    this.timer ??= setInterval(() => void this.renewAll(), intervalMs);
    return lost.signal;
  }

  stop(order: ClaimedOrder): void {
    this.controllers.delete(order);
    if (this.controllers.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async renewAll(): Promise<void> {
    const orders = [...this.controllers.keys()];
    try {
      const renewed = await this.claims.renew(orders);
      for (const order of orders) {
        if (renewed.has(order.id)) continue;
        this.controllers.get(order)?.abort(new Error('The claim was lost'));
      }
    } catch (error) {
      this.logger.warn({ msg: 'Could not renew leases', orders: orders.length, err: error });
    }
  }
}
