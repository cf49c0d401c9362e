import { ApiProperty, ApiSchema } from '@nestjs/swagger';

/** The response at the root of the API. */
@ApiSchema({ name: 'ApiStatus' })
export class GreetingResponse {
  @ApiProperty({ enum: ['healthy'], example: 'healthy' })
  status: 'healthy';

  /** @example 'API is running' */
  message: string;
}

/** The response to a successful probe; load balancers evaluate its status only. */
export class HealthResponse {
  @ApiProperty({ enum: ['ok'], example: 'ok' })
  status: 'ok';
}
