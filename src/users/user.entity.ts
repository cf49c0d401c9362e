import { Column, Entity, Unique } from 'typeorm';
import type { Role } from '../common/role';
import { GeneratedIdColumn, InstantColumn } from '../database/columns';

// In characters (code points).
export const MAX_NAME_LENGTH = 100;
export const MAX_EMAIL_LENGTH = 254;

/** An account. Its owner logs in with the e-mail address and the password. */
@Entity('users')
@Unique('users_email_key', ['email'])
export class User {
  @GeneratedIdColumn()
  id: number;

  @Column('text')
  name: string;

  /** Trimmed and in lower case. */
  @Column('text')
  email: string;

  @Column('text', { name: 'password_hash' })
  passwordHash: string;

  @Column('text')
  role: Role;

  @InstantColumn({ name: 'created_at' })
  createdAt: Date;

  @InstantColumn({ name: 'updated_at' })
  updatedAt: Date;
}
