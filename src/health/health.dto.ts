import { ApiProperty, ApiSchema } from '@nestjs/swagger';

/** For people who look whether the API is there. */
@ApiSchema({ name: 'ApiStatus' })
export class GreetingResponse {
  @ApiProperty({ enum: ['healthy'], example: 'healthy' })
  status: 'healthy';

  /** @example 'API is running' */
  message: string;
}

/** For load balancers and orchestrators, which go by the status alone. */
export class HealthResponse {
  @ApiProperty({ enum: ['ok'], example: 'ok' })
  status: 'ok';
}
