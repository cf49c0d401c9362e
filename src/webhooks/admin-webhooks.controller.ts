import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser, Roles } from '../api/access.decorators';
import { ApiProblems } from '../api/api-problems.decorator';
import { PageQuery } from '../api/page.dto';
import { ParseIdPipe } from '../api/parse-id';
import { LINK, type RouteResult, pageResult } from '../api/route-result';
import { ForbiddenError } from '../errors/common.errors';
import {
  DeliveryPageResponse,
  DeliveryResponse,
  WebhookTestResponse,
  toDeliveryResponse,
  toTestResponse,
} from './delivery.dto';
import { EndpointChanges } from './endpoints/endpoint-changes';
import type { EndpointAccess } from './endpoints/endpoint-access';
import { type EventKey, WebhookDeliveries } from './endpoints/webhook-deliveries';
import { WebhookEndpoints } from './endpoints/webhook-endpoints';
import { WebhookTests } from './endpoints/webhook-tests';
import {
  ChangesWebhook,
  EventIdParam,
  OfWebhook,
  ParseEventIdPipe,
  SendsTest,
  UntilClosed,
  WEBHOOK_PROBLEMS,
} from './webhook-routes.decorator';
import {
  CreateWebhookRequest,
  ReplayRequest,
  UpdateWebhookRequest,
  WebhookListResponse,
  WebhookResponse,
  WebhookWithSecretResponse,
  toWebhookResponse,
  toWebhookWithSecret,
} from './webhook.dto';

const FORBIDDEN = new ForbiddenError();

@ApiTags('Administration')
@Roles(['admin'])
@Controller('admin/webhooks')
export class AdminWebhooksController {
  constructor(
    private readonly endpoints: WebhookEndpoints,
    private readonly changes: EndpointChanges,
    private readonly deliveries: WebhookDeliveries,
    private readonly tests: WebhookTests,
  ) {}

  /**
   * Creates a webhook that receives the events of the orders of all users.
   * @remarks Each event is sent as a signed `POST` request, at least once until its retries are spent, and those
   * of one order in their sequence. Verify the signature with `secret`, which is shown only here.
   */
  @ApiOperation({ operationId: 'adminCreateWebhook' })
  @Post()
  @ChangesWebhook()
  @ApiProblems(FORBIDDEN, ...WEBHOOK_PROBLEMS.create)
  async create(
    @CurrentUser() user: AuthenticatedUser,
    @Body() request: CreateWebhookRequest,
  ): Promise<WebhookWithSecretResponse> {
    return toWebhookWithSecret(await this.endpoints.create(access(user), request));
  }

  /**
   * Lists the webhooks of all admins, oldest first, a page at a time.
   * @remarks Their secrets are not shown.
   */
  @ApiOperation({ operationId: 'adminListWebhooks' })
  @Get()
  @ApiOkResponse({ type: WebhookListResponse, headers: { Link: LINK } })
  @ApiProblems(FORBIDDEN, ...WEBHOOK_PROBLEMS.list)
  async list(
    @CurrentUser() user: AuthenticatedUser,
    @Query() query: PageQuery,
  ): Promise<RouteResult<WebhookListResponse>> {
    return pageResult(await this.endpoints.list(access(user), query), toWebhookResponse);
  }

  /**
   * Returns a webhook.
   * @remarks Without its secret, which is shown when the webhook is created and when the secret is rotated.
   */
  @ApiOperation({ operationId: 'adminGetWebhook' })
  @Get(':id')
  @OfWebhook(FORBIDDEN)
  async get(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id', ParseIdPipe) id: number,
  ): Promise<WebhookResponse> {
    return toWebhookResponse(await this.endpoints.get(access(user), id));
  }

  /**
   * Changes, pauses or enables a webhook.
   * @remarks Events of the time while it was paused or disabled are sent when it is enabled, unless the retention of
   * orders has deleted them (`missed_through`). Enabling it also ends the pause after failures.
   */
  @ApiOperation({ operationId: 'adminUpdateWebhook' })
  @Patch(':id')
  @ChangesWebhook()
  @OfWebhook(FORBIDDEN, ...WEBHOOK_PROBLEMS.update)
  async update(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id', ParseIdPipe) id: number,
    @Body() request: UpdateWebhookRequest,
  ): Promise<WebhookResponse> {
    return toWebhookResponse(await this.changes.update(access(user), id, request));
  }

  /**
   * Deletes a webhook, with its list of deliveries.
   * @remarks Nothing more is sent; requests that have begun may still arrive.
   */
  @ApiOperation({ operationId: 'adminDeleteWebhook' })
  @Delete(':id')
  @HttpCode(204)
  @OfWebhook(FORBIDDEN)
  delete(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id', ParseIdPipe) id: number,
  ): Promise<void> {
    return this.endpoints.delete(access(user), id);
  }

  /**
   * Rotates the secret of a webhook.
   * @remarks For 24 hours, requests also have a signature by the previous secret, so that the receiver can change it
   * meanwhile. A further rotation ends that at once.
   */
  @ApiOperation({ operationId: 'adminRotateWebhookSecret' })
  @Post(':id/secret')
  @HttpCode(200)
  @ChangesWebhook()
  @OfWebhook(FORBIDDEN)
  async rotateSecret(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id', ParseIdPipe) id: number,
  ): Promise<WebhookWithSecretResponse> {
    return toWebhookWithSecret(await this.changes.rotateSecret(access(user), id));
  }

  /**
   * Sends a test event, and returns the outcome.
   * @remarks Its `type` is `webhook.test`. It is sent to paused and disabled webhooks too, and is not repeated. The
   * response is 503 on an instance that sends no webhooks.
   */
  @ApiOperation({ operationId: 'adminTestWebhook' })
  @Post(':id/test')
  @HttpCode(200)
  @SendsTest()
  @OfWebhook(FORBIDDEN, ...WEBHOOK_PROBLEMS.test)
  async test(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id', ParseIdPipe) id: number,
    @UntilClosed() signal: AbortSignal,
  ): Promise<WebhookTestResponse> {
    return toTestResponse(await this.tests.send(access(user), id, signal));
  }

  /**
   * Sends all events after a position again, and then continues.
   * @remarks They have the same `id` as before. Events after it that wait for a retry are sent with them. A webhook
   * that is paused or disabled begins when it is enabled.
   */
  @ApiOperation({ operationId: 'adminReplayWebhook' })
  @Post(':id/replay')
  @HttpCode(202)
  @ChangesWebhook()
  @ApiAcceptedResponse({ type: WebhookResponse })
  @OfWebhook(FORBIDDEN, ...WEBHOOK_PROBLEMS.replay)
  async replay(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id', ParseIdPipe) id: number,
    @Body() { after }: ReplayRequest,
  ): Promise<WebhookResponse> {
    return toWebhookResponse(await this.changes.replay(access(user), id, after));
  }

  /**
   * Lists the deliveries of a webhook, the latest event first, in pages.
   * @remarks Entries are kept for 7 days after a success, and for 30 days when the retries are spent.
   */
  @ApiOperation({ operationId: 'adminListWebhookDeliveries' })
  @Get(':id/deliveries')
  @ApiOkResponse({ type: DeliveryPageResponse, headers: { Link: LINK } })
  @OfWebhook(FORBIDDEN, ...WEBHOOK_PROBLEMS.listDeliveries)
  async listDeliveries(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id', ParseIdPipe) id: number,
    @Query() query: PageQuery,
  ): Promise<RouteResult<DeliveryPageResponse>> {
    return pageResult(await this.deliveries.list(access(user), id, query), toDeliveryResponse);
  }

  /**
   * Sends an event again, once.
   * @remarks It is sent as soon as possible, with its `id`. Its entry in the list has the outcome. It can be an event of
   * another type, or from before the webhook was created. A failure is not followed by retries, unless some are left.
   */
  @ApiOperation({ operationId: 'adminRedeliverWebhookEvent' })
  @Post(':id/deliveries/:event_id/redeliver')
  @HttpCode(202)
  @ChangesWebhook()
  @ApiAcceptedResponse({ type: DeliveryResponse })
  @EventIdParam()
  @OfWebhook(FORBIDDEN, ...WEBHOOK_PROBLEMS.redeliver)
  async redeliver(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id', ParseIdPipe) id: number,
    @Param('event_id', ParseEventIdPipe) event: EventKey,
  ): Promise<DeliveryResponse> {
    return toDeliveryResponse(await this.deliveries.redeliver(access(user), id, event));
  }
}

/** Admins share their webhooks. */
function access({ id }: AuthenticatedUser): EndpointAccess {
  return { scope: 'all', userId: id };
}
