import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '../common/access.decorators';
import { ApiProblems } from '../common/api-problems.decorator';
import { NotReadyError } from './health.errors';
import { GreetingResponse, HealthResponse } from './health.dto';
import { ReadinessService } from './readiness.service';

@ApiTags('Health')
@Public()
@Controller()
export class HealthController {
  constructor(private readonly readiness: ReadinessService) {}

  /** Says that the API is there. */
  @Get()
  greet(): GreetingResponse {
    return { status: 'healthy', message: 'API is running' };
  }

  /** Says that the process is alive; restart it when it is not. */
  @Get('health/live')
  live(): HealthResponse {
    return { status: 'ok' };
  }

  /** Says that requests can be served, or what is in the way: database, migrations or shutdown. */
  @Get('health/ready')
  @ApiProblems(new NotReadyError({ database: 'down' }))
  ready(): Promise<HealthResponse> {
    return this.readiness.check();
  }
}
