import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Roles } from '../api/access.decorators';
import { ApiProblems } from '../api/api-problems.decorator';
import { ForbiddenError } from '../errors/common.errors';
import { ProcessingDisabledError } from './jobs.errors';
import { ProcessingSchedule } from './processing-schedule';
import { ProcessingRunResponse } from './processing.dto';

@ApiTags('Administration')
@Roles(['admin'])
@Controller('admin/processing')
export class ProcessingController {
  constructor(private readonly schedule: ProcessingSchedule) {}

  /**
   * Starts a processing run of this instance now, instead of at the next scheduled time.
   * @remarks The response does not wait for the orders to be processed. If a run is in progress, no
   * other one starts: it claims what has become due, without waiting for its running attempts.
   */
  @ApiOperation({ operationId: 'wakeProcessor' })
  @Post('runs')
  @HttpCode(202)
  @ApiProblems(new ForbiddenError(), new ProcessingDisabledError())
  requestRun(): ProcessingRunResponse {
    this.schedule.requestRun();
    return { status: 'accepted' };
  }
}
