import { ApiProperty, ApiSchema } from '@nestjs/swagger';

/** Says that the processor was woken, not that it is done. */
@ApiSchema({ name: 'ProcessingRun' })
export class WakeResponse {
  @ApiProperty({ enum: ['accepted'], example: 'accepted' })
  status: 'accepted';
}
