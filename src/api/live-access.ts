import type { Request } from 'express';
import type { Role } from '../common/role';

/** The access of a request whose response takes long. */
export interface LiveAccess {
  /** When the access token expires, in milliseconds since the epoch. */
  readonly expiresAt: number;
  /**
   * Whether the session still exists, as of some seconds ago, and its user has one of the roles.
   * @param roles undefined: any
   * @throws an error of the database
   */
  isGranted(roles: readonly Role[] | undefined): Promise<boolean>;
}

/** Follows the access of requests. Also the injection token: features do not import `auth`. */
export abstract class LiveAccesses {
  /** @throws InvalidTokenError when the token has expired meanwhile */
  abstract of(request: Request): LiveAccess;
}
