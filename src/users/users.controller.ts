import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser } from '../api/access.decorators';
import { UserResponse, toUserResponse } from './user.dto';
import { UsersService } from './users.service';

@ApiTags('Users')
@Controller('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  /**
   * Returns your account.
   * @remarks `role` is current, even if it was changed after the login.
   */
  @ApiOperation({ operationId: 'getCurrentUser' })
  @Get('me')
  async me(@CurrentUser() { id }: AuthenticatedUser): Promise<UserResponse> {
    return toUserResponse(await this.users.getCurrent(id));
  }
}
