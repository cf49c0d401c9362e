import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser, Roles } from '../api/access.decorators';
import { ApiProblems } from '../api/api-problems.decorator';
import { ApiIfNoneMatch, ETAG } from '../api/entity-tags';
import type { RouteResult } from '../api/route-result';
import { ForbiddenError } from '../errors/common.errors';
import { ProcessingDisabledError } from './jobs.errors';
import { ProcessingControl } from './processing-control';
import { ProcessingStatusReader } from './processing-status';
import {
  ProcessingRunResponse,
  ProcessingStatusResponse,
  processingStatusResult,
} from './processing.dto';

@ApiTags('Administration')
@Roles(['admin'])
@Controller('admin/processing')
export class ProcessingController {
  constructor(
    private readonly control: ProcessingControl,
    private readonly status: ProcessingStatusReader,
  ) {}

  /**
   * Returns the state of processing: what is due, the throughput, and the instances.
   * @remarks It is read at most once in 5 s; `as_of` is the instant. With `If-None-Match`, 304 while it has
   * not changed.
   */
  @ApiOperation({ operationId: 'getProcessing' })
  @Get()
  @ApiOkResponse({ type: ProcessingStatusResponse, headers: { ETag: ETAG } })
  @ApiIfNoneMatch()
  @ApiProblems(new ForbiddenError())
  async get(): Promise<RouteResult<ProcessingStatusResponse>> {
    return processingStatusResult(await this.status.get());
  }

  /**
   * Wakes the processors of all instances, which then look for due orders within 2 s.
   * @remarks The response does not wait for the orders to be processed. While a run is in progress, no
   * other one starts: it claims what has become due, without waiting for its running attempts. While
   * processing is paused, nothing happens. Only instances of version 2.0 respond with 409.
   */
  @ApiOperation({ operationId: 'wakeProcessor' })
  @Post('runs')
  @HttpCode(202)
  @ApiProblems(new ForbiddenError(), new ProcessingDisabledError())
  async requestRun(@CurrentUser() { id }: AuthenticatedUser): Promise<ProcessingRunResponse> {
    await this.control.wake(id);
    return { status: 'accepted' };
  }

  /**
   * Pauses processing: within 2 s, no instance claims orders any more.
   * @remarks Also after restarts, until an admin resumes processing. Orders that are being processed are
   * finished. Orders can still be placed, cancelled and retried. If processing is paused already, nothing
   * happens.
   */
  @ApiOperation({ operationId: 'pauseProcessing' })
  @Post('pause')
  @HttpCode(204)
  @ApiProblems(new ForbiddenError())
  pause(@CurrentUser() { id }: AuthenticatedUser): Promise<void> {
    return this.control.pause(id);
  }

  /**
   * Resumes processing: within 2 s, all instances that process orders look for due ones.
   * @remarks If processing is not paused, nothing happens.
   */
  @ApiOperation({ operationId: 'resumeProcessing' })
  @Post('resume')
  @HttpCode(204)
  @ApiProblems(new ForbiddenError())
  resume(@CurrentUser() { id }: AuthenticatedUser): Promise<void> {
    return this.control.resume(id);
  }
}
