import { Injectable } from '@nestjs/common';
import { InjectDataSource, InjectRepository } from '@nestjs/typeorm';
import type { DataSource, Repository } from 'typeorm';
import type { Role } from '../common/role';
import { databaseTime, databaseTimeAfter } from '../database/database-time';
import { isUniqueViolation } from '../database/database.errors';
import { insertReturning } from '../database/returning';
import type { Transaction } from '../database/transactions';
import { InvalidTokenError } from '../errors/common.errors';
import { User } from './user.entity';
import { EmailTakenError } from './users.errors';

/** Stores accounts. All e-mail addresses must be normalized with `normalizeEmail`. */
@Injectable()
export class UsersService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /** @throws EmailTakenError also for concurrent registrations: the unique index decides */
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
   * Finds the account of the current user.
   * @throws InvalidTokenError when the account was deleted
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
   * Replaces the password hash of an account if it is still `from`. This locks the account until the
   * commit, so that a login (which usually passes the same hash twice) commits either before or
   * after a change of the password.
   * @returns false when the hash is not `from`
   */
  async exchangePasswordHash(
    { manager }: Transaction,
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

  /** @returns false when no account has the address */
  async changeRole(email: string, role: Role): Promise<boolean> {
    const { affected } = await this.users.update(
      { email },
      { role, updatedAt: () => this.timeOfChange() },
    );
    return affected === 1;
  }

  /** SQL of the new `updated_at`. */
  private timeOfChange(): string {
    return databaseTimeAfter(this.dataSource, 'updated_at');
  }
}
