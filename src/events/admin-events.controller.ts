import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { type AuthenticatedUser, CurrentUser, Roles } from '../api/access.decorators';
import { ApiProblems } from '../api/api-problems.decorator';
import type { Role } from '../common/role';
import { ForbiddenError } from '../errors/common.errors';
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

const ADMINS: Role[] = ['admin'];

@ApiTags('Administration')
@Roles(ADMINS)
@Controller('admin/events')
export class AdminEventsController {
  constructor(
    private readonly feed: EventFeed,
    private readonly streams: EventStreams,
  ) {}

  /**
   * Lists what happened to the orders of all users, oldest first, from a position on.
   * @remarks As `GET /events`. Positions have no gaps above the highest one that the retention of orders has
   * deleted; events below it are unavailable.
   */
  @ApiOperation({ operationId: 'adminListEvents' })
  @Get()
  @ApiProblems(INVALID_AFTER, new ForbiddenError(), new PositionExpiredError(1_001))
  list(@Query() query: EventListQuery): Promise<EventPageResponse> {
    return this.feed.page(query);
  }

  /**
   * Streams what happens to the orders of all users, as Server-Sent Events.
   * @remarks As `GET /events/stream`. It also ends some seconds after the account has lost the role.
   */
  @ApiOperation({ operationId: 'adminStreamEvents' })
  @Get('stream')
  @StreamsEvents()
  @ApiProblems(INVALID_AFTER, new ForbiddenError(), new PositionExpiredError(1_001))
  stream(
    @CurrentUser() user: AuthenticatedUser,
    @Query() query: PositionQuery,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const start = streamStart(request, query);
    return this.streams.open({ request, response, user, userId: undefined, roles: ADMINS, start });
  }
}
