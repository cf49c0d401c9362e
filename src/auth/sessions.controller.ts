import { Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser } from '../api/access.decorators';
import { ApiProblems } from '../api/api-problems.decorator';
import { ID_SCHEMA } from '../api/id-schema';
import { ParseIdPipe } from '../api/parse-id';
import { SessionNotFoundError } from './auth.errors';
import { SessionListResponse, toSessionListResponse } from './session.dto';
import { SessionsService } from './sessions.service';

@ApiTags('Sessions')
@Controller('auth')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  /**
   * Lists your sessions, the most recently refreshed first.
   * @remarks `current` marks the session of the request.
   */
  @ApiOperation({ operationId: 'listSessions' })
  @Get('sessions')
  async list(@CurrentUser() user: AuthenticatedUser): Promise<SessionListResponse> {
    return toSessionListResponse(await this.sessions.list(user.id), user.sessionId);
  }

  /**
   * Ends the current session: its tokens stop working.
   * @remarks On other instances of the server, the access token works for up to 5 more seconds.
   */
  @ApiOperation({ operationId: 'logout' })
  @Post('logout')
  @HttpCode(204)
  logOut(@CurrentUser() user: AuthenticatedUser): Promise<void> {
    return this.sessions.endCurrent(user);
  }

  /**
   * Ends one of your sessions.
   * @remarks Its tokens stop working. A session of another user is reported as not found.
   */
  @ApiOperation({ operationId: 'endSession' })
  @Delete('sessions/:id')
  @HttpCode(204)
  @ApiParam({
    name: 'id',
    description: 'The id of the session.',
    schema: { ...ID_SCHEMA, example: 1 },
  })
  @ApiProblems(new SessionNotFoundError())
  end(@CurrentUser() user: AuthenticatedUser, @Param('id', ParseIdPipe) id: number): Promise<void> {
    return this.sessions.end(id, user.id);
  }

  /**
   * Ends all of your sessions, including the current one.
   * @remarks All tokens of the account stop working.
   */
  @ApiOperation({ operationId: 'endAllSessions' })
  @Delete('sessions')
  @HttpCode(204)
  endAll(@CurrentUser() { id }: AuthenticatedUser): Promise<void> {
    return this.sessions.endAll(id);
  }
}
