import type { WebhookScope } from '../webhook-endpoint.entity';

/** Which endpoints a request may see: those of its user, or, for an admin, those that admins have created. */
export interface EndpointAccess {
  readonly scope: WebhookScope;
  /** The user who sent the request. */
  readonly userId: number;
}

/** A condition for `where()`, with the access as its parameters, for a table without an alias. */
export const IS_ACCESSIBLE = `scope = :scope AND (scope = 'all' OR user_id = :userId)`;
