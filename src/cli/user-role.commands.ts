import type { Command } from 'commander';
import type { DataSource } from 'typeorm';
import { redactCredentials } from '../common/redact-credentials';
import type { Role } from '../common/role';
import { EXIT } from '../database/run-command';
import { normalizeEmail } from '../users/normalize-email';
import { User } from '../users/user.entity';
import { UsersService } from '../users/users.service';
import { runOneStep } from './run-on-database';

/** `user:promote` and `user:demote`. A server applies the new role from the next request on. */
export function addUserCommands(program: Command): void {
  program
    .command('user:promote <email>')
    .description('make an account an admin')
    .action((email: string) => changeRole(email, 'admin', 'is an admin now'));
  program
    .command('user:demote <email>')
    .description('make an admin an ordinary account')
    .action((email: string) => changeRole(email, 'customer', 'is not an admin any more'));
}

function changeRole(address: string, role: Role, done: string): Promise<void> {
  const consequence = 'The role may have been changed. The command can be repeated.';
  return runOneStep(consequence, async (dataSource) => {
    const email = normalizeEmail(address);
    const found = await usersOf(dataSource).changeRole(email, role);
    const line = found ? `${email} ${done}\n` : `No account has ${email}\n`;
    process.stdout.write(redactCredentials(line)); // it may be a URL by mistake
    return found ? EXIT.done : EXIT.failed;
  });
}

function usersOf(dataSource: DataSource): UsersService {
  return new UsersService(dataSource.getRepository(User), dataSource);
}
