import { Injectable } from '@nestjs/common';
import { InjectDataSource, InjectRepository } from '@nestjs/typeorm';
import type { DataSource, EntityManager, Repository } from 'typeorm';
import { InvalidTokenError } from '../errors/common.errors';
import type { Role } from '../common/role';
import { databaseTime, databaseTimeAfter } from '../database/database-time';
import { isUniqueViolation } from '../database/database.errors';
import { insertReturning } from '../database/returning';
import { User } from './user.entity';
import { EmailTakenError } from './users.errors';

/** Keeps the accounts. E-mail addresses are expected in normal form, see `normalizeEmail`. */
@Injectable()
export class UsersService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws EmailTakenError also when two registrations race: the unique index decides */
  async create(account: Pick<User, 'name' | 'email' | 'passwordHash'>): Promise<User> {
    const now = () => databaseTime(this.dataSource);
    try {
      return await insertReturning<User>(this.dataSource.manager, User, {
        ...account,
        role: 'customer',
        createdAt: now,
        updatedAt: now,
      });
    } catch (error) {
      throw isUniqueViolation(error) ? new EmailTakenError() : error;
    }
  }

  findById(id: number): Promise<User | null> {
    return this.users.findOneBy({ id });
  }

  /**
   * The account that a token belongs to.
   * @throws InvalidTokenError when it is gone
   */
  async getCurrent(id: number): Promise<User> {
    const user = await this.findById(id);
    if (!user) throw new InvalidTokenError();
    return user;
  }

  findByEmail(email: string): Promise<User | null> {
    return this.users.findOneBy({ email });
  }

  /**
   * Replaces a password hash, unless it is not that of the account any more. Holds the account for
   * the rest of the transaction, so a login that passes the hash it has checked (and, as a rule,
   * the same again) is over before or begins after a change of the password.
   * @returns false when `from` is not the hash of the account
   */
  async exchangePasswordHash(
    manager: EntityManager,
    id: number,
    { from, to }: { readonly from: string; readonly to: string },
  ): Promise<boolean> {
    const { affected } = await manager.update(
      User,
      { id, passwordHash: from },
      { passwordHash: to, ...(from !== to && { updatedAt: () => this.timeOfChange() }) },
    );
    return affected === 1;
  }

  /** @returns false when no account has this address */
  async changeRole(email: string, role: Role): Promise<boolean> {
    const { affected } = await this.users.update(
      { email },
      { role, updatedAt: () => this.timeOfChange() },
    );
    return affected === 1;
  }

  /** SQL of the instant of a change. */
  private timeOfChange(): string {
    return databaseTimeAfter(this.dataSource, 'updated_at');
  }
}
