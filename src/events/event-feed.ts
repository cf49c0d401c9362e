import { Injectable } from '@nestjs/common';
import { EventDto } from './event.dto';
import { BEFORE_ALL_EVENTS, EventLog } from './event-log';
import { EventListQuery, type EventPageResponse } from './event-requests.dto';
import { PositionExpiredError, unassignedPosition } from './events.errors';

/** The feed: pages of the log, for clients that poll. */
@Injectable()
export class EventFeed {
  constructor(private readonly log: EventLog) {}

  /**
   * @param userId the owner of the orders; undefined: the orders of all users
   * @throws PositionExpiredError
   * @throws ValidationFailedError when the position is above the latest one
   */
  async page(
    { after = BEFORE_ALL_EVENTS, limit = EventListQuery.DEFAULT_LIMIT, type }: EventListQuery,
    userId?: number,
  ): Promise<EventPageResponse> {
    const types = type && type.length > 0 ? type : undefined;
    const page = await this.log.page({ after, limit, userId, types });
    await this.requireComplete(after, userId);
    // Events after a position show that it was assigned.
    if (page.through === after) await this.requireAssigned(after, 'after');
    return {
      data: page.events.map((event) => EventDto.from(event)),
      next_after: page.through,
      has_more: page.hasMore,
    };
  }

  /**
   * Call it after events were read: those that are deleted later are not missing.
   * @throws PositionExpiredError when events after the position were deleted
   */
  async requireComplete(after: number, userId?: number): Promise<void> {
    const deleted = await this.log.deletedThrough(userId);
    if (after < deleted) throw new PositionExpiredError(deleted + 1);
  }

  /**
   * A client that continues after a position that was not assigned, for example because an older backup was
   * restored, would miss the events up to it.
   * @param field from which the position comes
   * @throws ValidationFailedError when it is above the latest position
   */
  async requireAssigned(position: number, field: string): Promise<void> {
    if (position === BEFORE_ALL_EVENTS) return;
    if (position > (await this.log.latestPosition())) throw unassignedPosition(field);
  }
}
