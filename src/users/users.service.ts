import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Clock } from '../common/clock';
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

  findByEmail(email: string): Promise<User | null> {
    return this.users.findOneBy({ email });
  }

  /** @returns false when no account has this address */
  async changeRole(email: string, role: Role): Promise<boolean> {
    const { affected } = await this.users.update({ email }, { role, updatedAt: this.clock.now() });
    return affected === 1;
  }
}
