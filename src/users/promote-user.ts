import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommonModule } from '../common/common.module';
import type { AppConfig } from '../config/app-config';
import { ConfigModule } from '../config/config.module';
import { startConfig } from '../config/start-config';
import { DatabaseModule } from '../database/database.module';
import { normalizeEmail } from './normalize-email';
import { UsersModule } from './users.module';
import { UsersService } from './users.service';

/** What a command about accounts needs of the application: no server, no job. */
@Module({})
class UserCommandModule {
  static forRoot(config: AppConfig): DynamicModule {
    return {
      module: UserCommandModule,
      imports: [ConfigModule.forRoot(config), CommonModule, DatabaseModule.forRoot(), UsersModule],
    };
  }
}

/** `npm run user:promote -- <email>`: makes an account an admin. */
async function promoteUser(address: string | undefined): Promise<void> {
  if (!address) {
    process.stderr.write('Usage: npm run user:promote -- <email>\n');
    process.exitCode = 2;
    return;
  }
  const context = await NestFactory.createApplicationContext(
    UserCommandModule.forRoot(startConfig()),
    { logger: ['error', 'fatal'] },
  );
  try {
    const email = normalizeEmail(address);
    const found = await context.get(UsersService).changeRole(email, 'admin');
    process.stdout.write(found ? `${email} is an admin now\n` : `No account has ${email}\n`);
    if (!found) process.exitCode = 1;
  } finally {
    await context.close();
  }
}

void promoteUser(process.argv[2]);
