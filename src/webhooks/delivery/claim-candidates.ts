import { Injectable } from '@nestjs/common';
import { EventLog } from '../../events/event-log';

/** After more new events, a claim looks at all endpoints. */
const MAX_NEW_EVENTS = 1_000;

/**
 * Collects whose endpoints the next claim looks at, so that the cost of the many claims while the log grows does not
 * depend on the endpoints that have nothing to send. What has become due otherwise is found by the poll, which looks
 * at all of them.
 */
@Injectable()
export class ClaimCandidates {
  private areAll = true;
  private owners = new Set<number>();
  private latest = 0;
  private lookedThrough = 0;

  constructor(private readonly log: EventLog) {}

  addAll(): void {
    this.areAll = true;
  }

  add(owners: Iterable<number>): void {
    for (const owner of owners) this.owners.add(owner);
  }

  /** Adds the owners of the events up to a position. */
  addEventsThrough(position: number): void {
    this.latest = Math.max(this.latest, position);
  }

  /** @returns the owners that were added; undefined: all */
  async take(): Promise<number[] | undefined> {
    const { areAll, owners, latest, lookedThrough } = this;
    this.areAll = false;
    this.owners = new Set();
    this.lookedThrough = latest;
    if (areAll || latest - lookedThrough > MAX_NEW_EVENTS) return undefined;
    if (latest === lookedThrough) return [...owners];
    const ofEvents = await this.log.ownersAfter(lookedThrough, MAX_NEW_EVENTS);
    return [...new Set([...owners, ...ofEvents])];
  }
}
