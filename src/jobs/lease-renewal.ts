import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import type { Lease } from './claimed-order';
import { OrderLeases } from './order-leases';

/** How many renewals are due during one lease: all but the last can fail without consequences. */
const RENEWALS_PER_LEASE = 5;

interface RunningLease {
  readonly onLost: () => void;
  expiry: NodeJS.Timeout;
}

/** Renews the leases of running attempts, and calls back when one is lost. */
@Injectable()
export class LeaseRenewal {
  private readonly logger = new Logger(LeaseRenewal.name);
  private readonly running = new Map<Lease, RunningLease>();
  private timer: NodeJS.Timeout | undefined;
  private isRenewing = false;

  constructor(
    private readonly leases: OrderLeases,
    private readonly config: AppConfig,
  ) {}

  /**
   * Renews a lease until {@link stop}.
   * @param onLost is called, possibly more than once, when the lease is lost or could not be renewed
   */
  start(lease: Lease, onLost: () => void): void {
    const remaining = Math.max(0, lease.endsAt - performance.now());
    const expiry = setTimeout(() => this.checkEnd(lease), remaining);
    this.running.set(lease, { onLost, expiry });
    const intervalMs = (this.config.processing.leaseSeconds * 1_000) / RENEWALS_PER_LEASE;
    this.timer ??= setInterval(() => void this.renewAll(), intervalMs);
  }

  stop(lease: Lease): void {
    clearTimeout(this.running.get(lease)?.expiry);
    this.running.delete(lease);
    if (this.running.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private checkEnd(lease: Lease): void {
    const entry = this.running.get(lease);
    if (!entry) return;
    const remaining = lease.endsAt - performance.now();
    if (remaining <= 0) entry.onLost();
    else entry.expiry = setTimeout(() => this.checkEnd(lease), remaining);
  }

  /** Never rejects. A renewal that takes long is not repeated before it has ended. */
  private async renewAll(): Promise<void> {
    if (this.isRenewing) return;
    this.isRenewing = true;
    const leases = [...this.running.keys()];
    try {
      for (const [lease, renewal] of await this.leases.renew(leases)) {
        if (renewal === 'lost') this.running.get(lease)?.onLost();
      }
    } catch (error) {
      this.logger.warn({ msg: 'Could not renew leases', leases: leases.length, err: error });
    } finally {
      this.isRenewing = false;
    }
  }
}
