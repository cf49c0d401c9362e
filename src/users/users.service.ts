import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { Clock } from '../common/clock';
import { InvalidTokenError } from '../common/common.errors';
import type { Role } from '../common/role';
import { isUniqueViolation } from '../database/database.errors';
import { User } from './user.entity';
import { EmailTakenError } from './users.errors';

/** Keeps the accounts. E-mail addresses are expected in normal form, see `normalizeEmail`. */
@Injectable()
export class UsersService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly clock: Clock,
  ) {}

  /** @throws EmailTakenError also when two registrations race: the unique index decides */
  async create(account: Pick<User, 'name' | 'email' | 'passwordHash'>): Promise<User> {
    const now = this.clock.now();
    const user = this.users.create({
      ...account,
      role: 'customer',
      createdAt: now,
      updatedAt: now,
    });
    try {
      await this.users.insert(user);
    } catch (error) {
      throw isUniqueViolation(error) ? new EmailTakenError() : error;
    }
    return user;
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
      { passwordHash: to, ...(from !== to && { updatedAt: this.clock.now() }) },
    );
    return affected === 1;
  }

  /** @returns false when no account has this address */
  async changeRole(email: string, role: Role): Promise<boolean> {
    const { affected } = await this.users.update({ email }, { role, updatedAt: this.clock.now() });
    return affected === 1;
  }
}
