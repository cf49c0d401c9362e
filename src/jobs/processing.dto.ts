import { ApiProperty, ApiSchema } from '@nestjs/swagger';

/** The run was requested; it may not have finished. */
@ApiSchema({ name: 'ProcessingRun' })
export class ProcessingRunResponse {
  @ApiProperty({ enum: ['accepted'], example: 'accepted' })
  status: 'accepted';
}
