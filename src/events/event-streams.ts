import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import type { AuthenticatedUser } from '../api/access.decorators';
import { LiveAccesses } from '../api/live-access';
import { Clock } from '../common/clock';
import { Measurements } from '../common/measurements';
import { PeriodicWork, type Repetition } from '../common/periodic-work';
import type { Role } from '../common/role';
import { Semaphore } from '../common/semaphore';
import { ShutdownState } from '../common/shutdown-state';
import { ServiceUnavailableError } from '../errors/common.errors';
import { markAsStream } from '../logging/measured-response';
import { EventFeed } from './event-feed';
import { EventLog } from './event-log';
import { EventStream } from './event-stream';
import type { StreamStart } from './event-stream.decorator';
import { LogTail, type TailedEvent } from './log-tail';
import { EVENT_STREAM } from './server-sent-events';
import { StreamPlaces } from './stream-places';

/** How often a stream sends a comment, and its access is checked again, in milliseconds. */
const HEARTBEAT_MS = 15_000;

/** How often heartbeats that are due, and tokens that have expired, are looked for, in milliseconds. */
const TICK_MS = 1_000;

const RETRY_AFTER_SECONDS = 30;

/** How many streams read older events from the log at the same time. */
export const MAX_OLDER_READS = 4;

/** How long a stream waits to read older events before it tries again, in milliseconds. */
const OLDER_READ_WAIT_MS = 30_000;

/** Failures that follow each other within this time are logged once, in milliseconds. */
const QUIET_MS = 60_000;

/** Which events a client has asked for. */
export interface StreamRequest {
  readonly request: Request;
  readonly response: Response;
  readonly user: AuthenticatedUser;
  /** The owner of the orders; undefined: the orders of all users. */
  readonly userId: number | undefined;
  /** The stream ends when the user has none of them any more. */
  readonly roles?: readonly Role[];
  /** Undefined: only events from now on. */
  readonly start: StreamStart | undefined;
}

/** The streams of this instance. */
@Injectable()
export class EventStreams implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(EventStreams.name);
  /** With the roles and the time of the latest heartbeat. */
  private readonly streams = new Map<EventStream, { roles?: readonly Role[]; beatAt: number }>();
  private readonly places = new StreamPlaces();
  private readonly olderReads = new Semaphore(
    OLDER_READ_WAIT_MS,
    () => new ServiceUnavailableError(RETRY_AFTER_SECONDS),
    MAX_OLDER_READS,
  );
  private failedAt = -Infinity;
  private ticking: Repetition | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly tail: LogTail,
    private readonly feed: EventFeed,
    private readonly accesses: LiveAccesses,
    private readonly clock: Clock,
    private readonly periodic: PeriodicWork,
    private readonly shutdown: ShutdownState,
    private readonly measurements: Measurements,
  ) {
    tail.onEvents((events, before) => this.deliver(events, before));
    // Streams do not end by themselves. Until then, balancers send requests for them here.
    shutdown.onClosingConnections(() => {
      for (const stream of this.streams.keys()) stream.end();
    });
    measurements.provide('event_streams_open', () => this.streams.size);
  }

  async onApplicationBootstrap(): Promise<void> {
    this.ticking = await this.periodic.start('check streams', TICK_MS, async () => this.tick());
  }

  async onApplicationShutdown(): Promise<void> {
    await this.ticking?.stop();
  }

  /**
   * Opens a stream. The response has its headers when this returns, and ends later.
   * @throws ServiceUnavailableError beyond `STREAM_LIMITS`, and during a shutdown
   * @throws PositionExpiredError
   * @throws ValidationFailedError when the position is above the latest one
   */
  async open(opened: StreamRequest): Promise<void> {
    const { request, response, user, userId, roles, start } = opened;
    if (response.destroyed) return; // it would never free its place
    const access = this.accesses.of(request);
    this.takePlace(user.id, response);
    await this.tail.follow();
    if (this.places.areAllFree) this.tail.unfollow(); // the client has disconnected meanwhile
    if (start) {
      await this.feed.requireComplete(start.position, userId);
      await this.feed.requireAssigned(start.position, start.field);
    }
    if (response.destroyed) return;
    if (this.shutdown.closesConnections) throw new ServiceUnavailableError(RETRY_AFTER_SECONDS);
    sendHeaders(response);
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const { log, tail, feed, olderReads } = this;
    const sources = { log, tail, feed, olderReads };
    const onError = (error: unknown) =>
      this.logFailure('A stream could not read events, trying again', error);
    const position = start?.position ?? tail.latest;
    const stream = new EventStream(response, sources, userId, access, position, onError);
    // Many streams resume together after a restart, but do not check their access together.
    const beatAt = this.clock.monotonicMs() - Math.random() * HEARTBEAT_MS;
    this.streams.set(stream, { ...(roles && { roles }), beatAt });
    response.once('close', () => this.streams.delete(stream));
    stream.start();
  }

  /** A place is free again when the response has closed. */
  private takePlace(userId: number, response: Response): void {
    const limit = this.places.reachedLimit(userId);
    if (limit) this.measurements.eventStreamRejected(limit);
    if (limit || this.shutdown.closesConnections) {
      throw new ServiceUnavailableError(RETRY_AFTER_SECONDS);
    }
    this.places.take(userId);
    response.once('close', () => {
      this.places.free(userId);
      if (this.places.areAllFree) this.tail.unfollow();
    });
  }

  private deliver(events: readonly TailedEvent[], before: number): void {
    const owners = new Set(events.map(({ userId }) => userId));
    for (const stream of this.streams.keys()) {
      if (stream.userId === undefined || owners.has(stream.userId)) stream.wake();
      else stream.skip(before, this.tail.latest);
    }
  }

  private tick(): void {
    const now = this.clock.monotonicMs();
    for (const [stream, state] of this.streams) {
      if (stream.access.expiresAt <= Date.now()) {
        stream.end();
        continue;
      }
      stream.wake(); // after an error
      if (now - state.beatAt < HEARTBEAT_MS) continue;
      state.beatAt = now;
      stream.comment();
      void this.checkAccess(stream, state.roles);
    }
  }

  /** While the database cannot be reached, the stream goes on, until the token expires at the latest. */
  private async checkAccess(
    stream: EventStream,
    roles: readonly Role[] | undefined,
  ): Promise<void> {
    try {
      if (!(await stream.access.isGranted(roles))) stream.end();
    } catch (error) {
      this.logFailure('The access of a stream could not be checked', error);
    }
  }

  /** While the database cannot be reached, each stream fails again and again. */
  private logFailure(msg: string, error: unknown): void {
    const now = this.clock.monotonicMs();
    const isFirst = now - this.failedAt > QUIET_MS;
    this.failedAt = now;
    if (isFirst) this.logger.warn({ msg, err: error });
  }
}

/** At once, because clients wait for them. */
function sendHeaders(response: Response): void {
  response.status(200);
  response.setHeader('Content-Type', EVENT_STREAM);
  response.setHeader('Cache-Control', 'private, no-cache, no-transform');
  response.setHeader('X-Accel-Buffering', 'no'); // nginx passes events on at once
  // A shutdown does not wait for another request on the connection.
  response.shouldKeepAlive = false;
  markAsStream(response);
  response.flushHeaders();
}
