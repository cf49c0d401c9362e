import { ApiProperty } from '@nestjs/swagger';
import { ID_SCHEMA } from '../api/id-schema';
import { ROLES, type Role } from '../common/role';
import { MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, type User } from './user.entity';

/** The user's own account. */
export class UserResponse {
  /** @example 1 */
  @ApiProperty({ ...ID_SCHEMA })
  id: number;

  /** @example John */
  @ApiProperty({ minLength: 1, maxLength: MAX_NAME_LENGTH })
  name: string;

  /**
   * In lower case.
   * @example 'john@example.com'
   */
  @ApiProperty({ format: 'email', maxLength: MAX_EMAIL_LENGTH })
  email: string;

  @ApiProperty({ enum: ROLES, enumName: 'Role', example: 'customer' })
  role: Role;

  /** @example 2026-01-31T12:00:00.000Z */
  @ApiProperty({ format: 'date-time' })
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
