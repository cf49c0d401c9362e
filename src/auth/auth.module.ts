import { Global, Module } from '@nestjs/common';
import { JwtModule, type JwtModuleOptions } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { TypeOrmModule } from '@nestjs/typeorm';
import { LiveAccesses } from '../api/live-access';
import { AppConfig } from '../config/app-config';
import { RateLimitsModule } from '../rate-limits/rate-limits.module';
import { UsersModule } from '../users/users.module';
import { AccessTokens } from './access-tokens';
import { AuthController } from './auth.controller';
import { AuthService } from './auth.service';
import { JwtStrategy } from './jwt.strategy';
import { LiveSessions } from './live-sessions';
import { PasswordHasher } from './password-hasher';
import { Passwords } from './passwords';
import { PooledPasswordHasher } from './pooled-password-hasher';
import { RefreshTokens } from './refresh-tokens';
import { SessionRefresh } from './session-refresh';
import { SessionSweep } from './session-sweep';
import { SessionTokens } from './session-tokens';
import { Session } from './session.entity';
import { SessionsController } from './sessions.controller';
import { SessionsService } from './sessions.service';
import { TokenAccesses } from './token-accesses';
import { VerifiedTokens } from './verified-tokens';

/** Global for {@link LiveAccesses}, so that no feature imports this folder. */
@Global()
@Module({
  imports: [
    TypeOrmModule.forFeature([Session]),
    UsersModule,
    RateLimitsModule,
    PassportModule,
    JwtModule.registerAsync({
      inject: [AppConfig],
      useFactory: ({ auth }: AppConfig): JwtModuleOptions => ({
        secret: auth.secret,
        signOptions: { algorithm: auth.algorithm, expiresIn: auth.accessTokenSeconds },
      }),
    }),
  ],
  controllers: [AuthController, SessionsController],
  providers: [
    AuthService,
    Passwords,
    SessionsService,
    SessionRefresh,
    SessionSweep,
    SessionTokens,
    LiveSessions,
    AccessTokens,
    RefreshTokens,
    JwtStrategy,
    VerifiedTokens,
    { provide: LiveAccesses, useClass: TokenAccesses },
    { provide: PasswordHasher, useClass: PooledPasswordHasher },
  ],
  exports: [JwtStrategy, VerifiedTokens, LiveAccesses],
})
export class AuthModule {}
