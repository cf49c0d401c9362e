import { ApiProperty, ApiSchema } from '@nestjs/swagger';

/** Where to go on from the root, as paths. */
export class ApiLinksResponse {
  /** @example /docs */
  documentation: string;

  /** @example /openapi.json */
  openapi: string;

  /** @example /health/ready */
  health: string;
}

/** For people who look whether the API is there. */
@ApiSchema({ name: 'ApiStatus' })
export class GreetingResponse {
  @ApiProperty({ enum: ['healthy'], example: 'healthy' })
  status: 'healthy';

  /** @example 'API is running' */
  message: string;

  links: ApiLinksResponse;
}

/** For load balancers and orchestrators, which go by the status alone. */
export class HealthResponse {
  @ApiProperty({ enum: ['ok'], example: 'ok' })
  status: 'ok';
}
