import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../api/access.decorators';
import { ApiProblems } from '../api/api-problems.decorator';
import { NotReadyError } from './health.errors';
import { GreetingResponse, HealthResponse } from './health.dto';
import { ReadinessService } from './readiness.service';

/** Links from the root, with the relation types of RFC 8631. */
const LINK_HEADER =
  '</docs>; rel="service-doc", </openapi.json>; rel="service-desc", </health/ready>; rel="status"';

const LINKS = {
  description:
    'Links to the API reference, the OpenAPI document and the readiness probe (RFC 8288, RFC 8631).',
  required: true,
  schema: { type: 'string', example: LINK_HEADER },
};

@ApiTags('Health')
@Public()
@Controller()
export class HealthController {
  constructor(private readonly readiness: ReadinessService) {}

  /**
   * Returns the status of the API.
   * @remarks `Link` leads to the API reference, this document and the readiness probe.
   */
  @ApiOperation({ operationId: 'getStatus' })
  @Get()
  @Header('Link', LINK_HEADER)
  @ApiOkResponse({ type: GreetingResponse, headers: { Link: LINKS } })
  greet(): GreetingResponse {
    return { status: 'healthy', message: 'API is running' };
  }

  /**
   * Checks whether the process is alive.
   * @remarks Does not use the database. Restart an instance that does not respond.
   */
  @ApiOperation({ operationId: 'checkLiveness' })
  @Get('health/live')
  live(): HealthResponse {
    return { status: 'ok' };
  }

  /**
   * Checks whether the instance can serve requests.
   * @remarks Queries the database. 503 while the database is unreachable, while migrations are pending, and
   * during a shutdown; `checks` has the failed check.
   */
  @ApiOperation({ operationId: 'checkReadiness' })
  @Get('health/ready')
  @ApiProblems(new NotReadyError({ database: 'down' }))
  ready(): Promise<HealthResponse> {
    return this.readiness.check();
  }
}
