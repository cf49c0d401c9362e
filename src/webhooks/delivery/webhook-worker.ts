import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Measurements } from '../../common/measurements';
import { PeriodicWork, type Repetition } from '../../common/periodic-work';
import { AppConfig } from '../../config/app-config';
import { EventLog } from '../../events/event-log';
import { LogGrowth } from '../../events/log-growth';
import { EndpointDisabling } from '../endpoints/endpoint-disabling';
import { EndpointSecrets } from '../secrets/endpoint-secrets';
import { WebhookSender } from '../sending/webhook-sender';
import type { DisabledReason } from '../webhook-endpoint.entity';
import { ClaimCandidates } from './claim-candidates';
import { ClaimSchedule } from './claim-schedule';
import { type ClaimedEndpoint, EndpointClaims } from './endpoint-claims';
import { EndpointTurn } from './endpoint-turn';
import { ProgressFlush } from './progress-flush';
import { RunningTurns } from './running-turns';
import { TurnPlanner } from './turn-plan';

/** How often an instance looks for endpoints with something to send, besides when the log grows, in milliseconds. */
const POLL_MS = 1_000;

/** How many endpoints an instance sends to at the same time. */
const MAX_TURNS = 50;

/** How long a shutdown waits for requests before it aborts them, in milliseconds. */
const SHUTDOWN_GRACE_MS = 5_000;

/** Gives endpoints their turns. */
@Injectable()
export class WebhookWorker
  implements
    OnApplicationBootstrap,
    OnModuleDestroy,
    BeforeApplicationShutdown,
    OnApplicationShutdown
{
  private readonly logger = new Logger(WebhookWorker.name);
  private readonly turns = new RunningTurns();
  private polling: Repetition | undefined;
  private stopWatching: (() => void) | undefined;
  private readonly schedule = new ClaimSchedule(() => this.claim());
  private isStopping = false;
  private graceEnd: NodeJS.Timeout | undefined;
  /** Whether endpoints wait for the end of a turn. */
  private areOthersWaiting = false;

  constructor(
    private readonly candidates: ClaimCandidates,
    private readonly claims: EndpointClaims,
    private readonly planner: TurnPlanner,
    private readonly flush: ProgressFlush,
    private readonly secrets: EndpointSecrets,
    private readonly disabling: EndpointDisabling,
    private readonly sender: WebhookSender,
    private readonly log: EventLog,
    private readonly growth: LogGrowth,
    private readonly periodic: PeriodicWork,
    private readonly config: AppConfig,
    private readonly measurements: Measurements,
  ) {
    measurements.provide('webhook_endpoints_in_turn', () => this.turns.size);
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!this.config.webhooks.enabled) return;
    this.polling = await this.periodic.start('look for webhooks to send', POLL_MS, () =>
      this.poll(),
    );
  }

  /**
   * Looks for something to send now, for example because an endpoint was created. Never rejects.
   * @param userId the owner of the endpoint; absent: all endpoints may have something to send
   */
  wake(userId?: number): void {
    if (!this.config.webhooks.enabled) return;
    if (userId === undefined) this.candidates.addAll();
    else this.candidates.add([userId]);
    this.claimSoon();
  }

  private claimSoon(): void {
    this.watchGrowth();
    void this.claimOrWaitForPoll();
  }

  /**
   * Begins no more requests to an endpoint with what it was before a change. Its next turn has the change.
   * @param revision since the change
   */
  endTurn(endpointId: number, revision?: number): void {
    for (const turn of this.turns.of(endpointId, revision)) turn.stop();
  }

  /**
   * Aborts the requests to an endpoint: it was deleted, or all of them are sent again.
   * @param revision since the change
   */
  abandonTurn(endpointId: number, revision?: number): void {
    for (const turn of this.turns.of(endpointId, revision)) this.flush.drop(turn);
  }

  /** Resolves when no endpoint is being claimed, and no turn is running. Never rejects. */
  async idle(): Promise<void> {
    do {
      await this.schedule.idle();
      await this.turns.idle();
      await this.schedule.idle(); // the end of a turn wants a claim
    } while (this.turns.size > 0);
  }

  onModuleDestroy(): void {
    this.isStopping = true;
    this.schedule.stop();
    this.stopWatching?.();
    for (const turn of this.turns) turn.stop();
    const abort = () => {
      for (const turn of this.turns) turn.abort();
      this.flush.stopRetrying();
    };
    this.graceEnd = setTimeout(abort, SHUTDOWN_GRACE_MS);
  }

  /** Waits until the progress of all turns is stored. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.polling?.stop();
    await this.idle();
    clearTimeout(this.graceEnd);
  }

  onApplicationShutdown(): void {
    this.sender.close();
  }

  /** Without enabled endpoints, nothing is done when the log grows. */
  private async poll(): Promise<void> {
    if (this.isStopping) return;
    if (await this.claims.areAnyEnabled()) {
      this.watchGrowth();
      for (const id of await this.claims.disableThoseOfFormerAdmins()) this.endTurn(id);
      this.candidates.addAll();
      await this.schedule.run();
    } else {
      this.stopWatching?.();
      this.stopWatching = undefined;
    }
  }

  private watchGrowth(): void {
    if (this.isStopping) return;
    this.stopWatching ??= this.growth.onGrowth((latest) => {
      this.candidates.addEventsThrough(latest);
      this.claimSoon();
    });
  }

  private async claimOrWaitForPoll(): Promise<void> {
    try {
      await this.schedule.run();
    } catch (error) {
      // The next poll tries again, and logs the first of several failures.
      this.logger.debug({ msg: 'Could not claim webhooks', err: error });
    }
  }

  private async claim(): Promise<void> {
    const owners = await this.candidates.take();
    const due = await this.claims.findDue(MAX_TURNS, this.turns.countByUser(), owners);
    const ids = due.slice(0, MAX_TURNS - this.turns.size);
    // Of more than the limit, none is known: they wait too.
    const areOthersWaiting = due.length > ids.length || due.length === MAX_TURNS;
    this.areOthersWaiting = areOthersWaiting || (this.areOthersWaiting && owners !== undefined);
    this.turns.makeRoom(due.length - ids.length);
    if (ids.length === 0) return;
    const claimed = await this.claims.claim(ids);
    await Promise.all(claimed.map((endpoint) => this.startOrLeave(endpoint)));
    if (claimed.length === ids.length) return;
    // Another instance was faster: others may wait.
    if (owners) this.candidates.add(owners);
    else this.candidates.addAll();
    this.claimSoon();
  }

  /** Never rejects. An endpoint without a turn is claimed again when its lease has ended. */
  private async startOrLeave(endpoint: ClaimedEndpoint): Promise<void> {
    try {
      await this.start(endpoint);
    } catch (error) {
      const msg = 'Could not begin the turn of a webhook';
      this.logger.warn({ msg, webhook_id: endpoint.id, err: error });
    }
  }

  private async start(endpoint: ClaimedEndpoint): Promise<void> {
    this.abandonTurn(endpoint.id); // its lease was taken away
    const nowMs = performance.now() + endpoint.clockOffsetMs;
    const secrets = this.secrets.open(endpoint, nowMs);
    if (!secrets) {
      await this.disabling.disableUnreadable(endpoint);
      return;
    }
    const { sender, log, measurements } = this;
    const onDisabled = (reason: DisabledReason) => this.disabling.report(endpoint.id, reason);
    const turn = new EndpointTurn(endpoint, secrets, { sender, log, measurements, onDisabled });
    if (this.isStopping) turn.stop();
    const running = this.run(turn).finally(() => {
      this.turns.delete(turn);
      this.wake(this.areOthersWaiting ? undefined : endpoint.userId);
    });
    this.turns.add(turn, running);
  }

  /** Never rejects. */
  private async run(turn: EndpointTurn): Promise<void> {
    const { endpoint } = turn;
    this.flush.add(turn);
    try {
      await turn.run(await this.planner.plan(endpoint, turn.isProbe));
    } catch (error) {
      turn.fail();
      const msg = 'The turn of a webhook failed; another one follows';
      this.logger.warn({ msg, webhook_id: endpoint.id, err: error });
    }
    await this.flush.finish(turn);
  }
}
