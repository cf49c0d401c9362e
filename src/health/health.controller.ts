import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../api/access.decorators';
import { ApiProblems } from '../api/api-problems.decorator';
import { NotReadyError } from './health.errors';
import { GreetingResponse, HealthResponse } from './health.dto';
import { ReadinessService } from './readiness.service';

/** Where to go on from the root; relation types of RFC 8631. */
const LINK_HEADER =
  '</docs>; rel="service-doc", </openapi.json>; rel="service-desc", </health/ready>; rel="status"';

const LINKS = {
  description: 'Where to go on from here (RFC 8288), with the relation types of RFC 8631.',
  required: true,
  schema: { type: 'string', example: LINK_HEADER },
};

@ApiTags('Health')
@Public()
@Controller()
export class HealthController {
  constructor(private readonly readiness: ReadinessService) {}

  /**
   * Says that the API is there.
   * @remarks Links to the explorer, to this document and to the readiness probe.
   */
  @ApiOperation({ operationId: 'getStatus' })
  @Get()
  @Header('Link', LINK_HEADER)
  @ApiOkResponse({ type: GreetingResponse, headers: { Link: LINKS } })
  greet(): GreetingResponse {
    return { status: 'healthy', message: 'API is running' };
  }

  /**
   * Says that the process is alive; restart it when it is not.
   * @remarks Does not use the database.
   */
  @ApiOperation({ operationId: 'checkLiveness' })
  @Get('health/live')
  live(): HealthResponse {
    return { status: 'ok' };
  }

  /**
   * Says that requests can be served, or what keeps the instance from it.
   * @remarks Asks the database. Also 503 while migrations are pending, and during a shutdown.
   */
  @ApiOperation({ operationId: 'checkReadiness' })
  @Get('health/ready')
  @ApiProblems(new NotReadyError({ database: 'down' }))
  ready(): Promise<HealthResponse> {
    return this.readiness.check();
  }
}
