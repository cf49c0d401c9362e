import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser } from '../common/access.decorators';
import { UserResponse, toUserResponse } from './user.dto';
import { UsersService } from './users.service';

@ApiTags('Users')
@Controller('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  /** Shows the account the token belongs to. */
  @Get('me')
  async me(@CurrentUser() { id }: AuthenticatedUser): Promise<UserResponse> {
    return toUserResponse(await this.users.getCurrent(id));
  }
}
