import { ApiProperty } from '@nestjs/swagger';

export class GreetingResponse {
  @ApiProperty({ enum: ['healthy'], example: 'healthy' })
  status: 'healthy';

  /** @example 'API is running' */
  message: string;
}

export class HealthResponse {
  @ApiProperty({ enum: ['ok'], example: 'ok' })
  status: 'ok';
}
