import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import type { ClaimedOrder } from './claimed-order';
import { OrderClaims } from './order-claims';

/** How many renewals are due during one lease: all but the last can fail without consequences. */
const RENEWALS_PER_LEASE = 5;

interface RunningLease {
  readonly lost: AbortController;
  expiry: NodeJS.Timeout;
}

/** Renews the leases of claimed orders, and signals when a claim was lost all the same. */
@Injectable()
export class LeaseRenewal {
  private readonly logger = new Logger(LeaseRenewal.name);
  private readonly leases = new Map<ClaimedOrder, RunningLease>();
  private timer: NodeJS.Timeout | undefined;
  private isRenewing = false;

  constructor(
    private readonly claims: OrderClaims,
    private readonly config: AppConfig,
  ) {}

  /** @returns a signal that is aborted when the claim is lost, or its lease ends without a renewal */
  start(order: ClaimedOrder): AbortSignal {
    const lost = new AbortController();
    const remaining = order.leaseEndsAt - performance.now();
    const expiry = setTimeout(() => this.checkExpiry(order), remaining);
    this.leases.set(order, { lost, expiry });
    if (remaining <= 0) lost.abort();
    const intervalMs = (this.config.processing.leaseSeconds * 1_000) / RENEWALS_PER_LEASE;
    this.timer ??= setInterval(() => void this.renewAll(), intervalMs);
    return lost.signal;
  }

  stop(order: ClaimedOrder): void {
    clearTimeout(this.leases.get(order)?.expiry);
    this.leases.delete(order);
    if (this.leases.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private checkExpiry(order: ClaimedOrder): void {
    const lease = this.leases.get(order);
    if (!lease) return;
    const remaining = order.leaseEndsAt - performance.now();
    if (remaining <= 0) lease.lost.abort();
    else lease.expiry = setTimeout(() => this.checkExpiry(order), remaining);
  }

  /** Never rejects. A renewal that takes long is not repeated before it has ended. */
  private async renewAll(): Promise<void> {
    if (this.isRenewing) return;
    this.isRenewing = true;
    const orders = [...this.leases.keys()];
    try {
      const renewals = await this.claims.renew(orders);
      for (const [order, renewal] of renewals) {
        if (renewal === 'lost') this.leases.get(order)?.lost.abort();
      }
    } catch (error) {
      this.logger.warn({ msg: 'Could not renew leases', orders: orders.length, err: error });
    } finally {
      this.isRenewing = false;
    }
  }
}
