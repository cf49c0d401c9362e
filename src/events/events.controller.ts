import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { type AuthenticatedUser, CurrentUser } from '../api/access.decorators';
import { ApiProblems } from '../api/api-problems.decorator';
import { EventFeed } from './event-feed';
import {
  EventListQuery,
  EventPageResponse,
  INVALID_AFTER,
  PositionQuery,
} from './event-requests.dto';
import { StreamsEvents, streamStart } from './event-stream.decorator';
import { EventStreams } from './event-streams';
import { PositionExpiredError } from './events.errors';

@ApiTags('Events')
@Controller('events')
export class EventsController {
  constructor(
    private readonly feed: EventFeed,
    private readonly streams: EventStreams,
  ) {}

  /**
   * Lists what happened to your orders, oldest first, from a position on.
   * @remarks Each transition is one event. The list is complete, and nothing is added before a position that
   * was returned: repeat the request with `next_after`, at once while `has_more` is true. Events are kept until
   * the retention of orders deletes one of yours: then all up to the highest deleted position are unavailable,
   * also those of orders that still exist, and a lower `after` gets 410, also 0, which is the default.
   */
  @ApiOperation({ operationId: 'listEvents' })
  @Get()
  @ApiProblems(INVALID_AFTER, new PositionExpiredError(1_001))
  list(
    @CurrentUser() user: AuthenticatedUser,
    @Query() query: EventListQuery,
  ): Promise<EventPageResponse> {
    return this.feed.page(query, user.id);
  }

  /**
   * Streams what happens to your orders, as Server-Sent Events.
   * @remarks The stream begins after `Last-Event-ID`, else after `after`, else now, and misses nothing from
   * there on. `id` is the position, `event` the type, and `data` the event as `GET /events` has it. It ends
   * when the access token expires: reconnect with a new one. Beyond 5 streams of a user, or 1,000 of all users, on an
   * instance, the response is 503 with `Retry-After`.
   */
  @ApiOperation({ operationId: 'streamEvents' })
  @Get('stream')
  @StreamsEvents()
  @ApiProblems(INVALID_AFTER, new PositionExpiredError(1_001))
  stream(
    @CurrentUser() user: AuthenticatedUser,
    @Query() query: PositionQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const start = streamStart(request, query);
    return this.streams.open({ request, response, user, userId: user.id, start });
  }
}
