import { ApiProperty } from '@nestjs/swagger';
import { ID_SCHEMA } from '../api/id-schema';
import { ROLES, type Role } from '../common/role';
import { MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, type User } from './user.entity';

/** The user's own account. */
export class UserResponse {
  @ApiProperty({ ...ID_SCHEMA, example: 1 })
  id: number;

  @ApiProperty({ minLength: 1, maxLength: MAX_NAME_LENGTH, example: 'John' })
  name: string;

  /** In lower case. */
  @ApiProperty({ format: 'email', maxLength: MAX_EMAIL_LENGTH, example: 'john@example.com' })
  email: string;

  @ApiProperty({ enum: ROLES, enumName: 'Role', example: 'customer' })
  role: Role;

  @ApiProperty({ format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  created_at: string;
}

export function toUserResponse(user: User): UserResponse {
  return {
    id: user.id,
    name: user.name,
    email: user.email,
    role: user.role,
    created_at: user.createdAt.toISOString(),
  };
}
