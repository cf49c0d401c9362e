import type { DataSource } from 'typeorm';
import { hasPendingMigrations } from '../database/migrate';
import { EXIT, runCommand } from '../database/run-command';
import { normalizeEmail } from './normalize-email';
import { User } from './user.entity';
import { UsersService } from './users.service';

/** `npm run user:promote -- <email>`: makes an account an admin. */
async function promoteUser(dataSource: DataSource, address: string): Promise<number> {
  if (await hasPendingMigrations(dataSource)) {
    process.stderr.write('Migrations are pending: start the server, or npm run migration:run\n');
    return EXIT.failed;
  }
  const users = new UsersService(dataSource.getRepository(User), dataSource);
  const email = normalizeEmail(address);
  const found = await users.changeRole(email, 'admin');
  process.stdout.write(found ? `${email} is an admin now\n` : `No account has ${email}\n`);
  return found ? EXIT.done : EXIT.failed;
}

const [address, ...rest] = process.argv.slice(2);
if (address && rest.length === 0) {
  void runCommand((dataSource) => promoteUser(dataSource, address));
} else {
  process.stderr.write('Usage: npm run user:promote -- <email>\n');
  process.exitCode = EXIT.usage;
}
