import { ApiProperty } from '@nestjs/swagger';

export class WakeResponse {
  @ApiProperty({ enum: ['accepted'], example: 'accepted' })
  status: 'accepted';
}
