import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Roles } from '../api/access.decorators';
import { ApiProblems } from '../api/api-problems.decorator';
import { ForbiddenError } from '../errors/common.errors';
import { ProcessingDisabledError } from './jobs.errors';
import { ProcessingSchedule } from './processing-schedule';
import { WakeResponse } from './processing.dto';

@ApiTags('Administration')
@Roles(['admin'])
@Controller('admin/processing')
export class ProcessingController {
  constructor(private readonly schedule: ProcessingSchedule) {}

  /**
   * Wakes the processor of this instance now, instead of at the next tick.
   * @remarks The response does not wait for the orders to be processed.
   */
  @ApiOperation({ operationId: 'wakeProcessor' })
  @Post('runs')
  @HttpCode(202)
  @ApiProblems(new ForbiddenError(), new ProcessingDisabledError())
  wake(): WakeResponse {
    this.schedule.wake();
    return { status: 'accepted' };
  }
}
