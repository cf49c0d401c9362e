import { ValidationFailedError } from '../errors/common.errors';
import { DomainError } from '../errors/domain-error';

/** The webhook does not exist or belongs to another user: clients cannot tell which. */
export class WebhookNotFoundError extends DomainError {
  constructor() {
    super(404, 'webhook_not_found', 'Webhook not found');
  }
}

/** The event does not exist, or the webhook does not receive the events of its order. */
export class EventNotFoundError extends DomainError {
  constructor() {
    super(404, 'event_not_found', 'Event not found');
  }
}

/** The user has as many webhooks as allowed. */
export class WebhookLimitReachedError extends DomainError {
  constructor(limit: number) {
    super(409, 'webhook_limit_reached', `You have reached the limit of ${limit} webhooks`);
  }
}

/** The webhook is paused or disabled. */
export class WebhookNotEnabledError extends DomainError {
  constructor() {
    super(409, 'webhook_not_enabled', 'The webhook is not enabled');
  }
}

/** The secret was encrypted with a `JWT_SECRET` that is no longer known. */
export class WebhookSecretUnreadableError extends DomainError {
  constructor() {
    super(409, 'webhook_secret_unreadable', 'The secret is lost: rotate it first');
  }
}

/** The URL leads to a private network, or to a port that webhooks may not be sent to. */
export class WebhookUrlForbiddenError extends DomainError {
  constructor() {
    super(422, 'webhook_url_forbidden', 'Webhooks may not be sent to this URL');
  }
}

/** What `url` must be. */
export const INVALID_URL = ValidationFailedError.ofField(
  'url',
  'must be an https URL of at most 2048 characters, without credentials',
);

/** What the position of a replay must be: the events between are still to be sent. */
export const POSITION_NOT_REACHED = ValidationFailedError.ofField(
  'after',
  'must not be above the position of the webhook',
);

/** What an event id in a path must be. */
export const INVALID_EVENT_ID = ValidationFailedError.ofField(
  'event_id',
  'must be the id of an event, such as evt_1_1',
);
