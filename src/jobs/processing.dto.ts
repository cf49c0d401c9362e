import { ApiProperty } from '@nestjs/swagger';

/** Says that the processor was woken, not that it is done. */
export class WakeResponse {
  @ApiProperty({ enum: ['accepted'], example: 'accepted' })
  status: 'accepted';
}
