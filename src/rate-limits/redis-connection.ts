import { Logger } from '@nestjs/common';
import { Redis, ReplyError } from 'ioredis';
import { messageOf } from '../common/message-of';
import { REDIS_SCRIPTS } from './redis-scripts';

/** Far longer than Redis needs, and short for the requests that find it unavailable. */
const COMMAND_TIMEOUT_MS = 500;

/** How long no command is sent after a failure, so that few requests wait for a timeout. */
const PAUSE_MS = 1_000;

const LONGEST_RECONNECT_DELAY_MS = 1_000;

/** A connection to Redis whose commands return undefined while Redis is unavailable. */
export class RedisConnection {
  private readonly logger = new Logger(RedisConnection.name);
  private readonly redis: Redis;
  private isUnavailable = false;
  private pausedUntil = 0;
  private lastError: string | undefined;

  constructor(url: string) {
    this.redis = new Redis(url, {
      lazyConnect: true,
      keyPrefix: KEY_PREFIX_IN_URL.test(url) ? undefined : 'order-management:',
      connectTimeout: COMMAND_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      disconnectTimeout: COMMAND_TIMEOUT_MS,
      // Commands fail at once while there is no connection.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      disableClientInfo: true,
      retryStrategy: (attempt) => Math.min(attempt * 100, LONGEST_RECONNECT_DELAY_MS),
      scripts: REDIS_SCRIPTS,
    });
    this.redis.on('error', this.onError);
    this.redis.on('close', this.onClose);
    this.redis.on('ready', this.onReady);
  }

  /** True when commands are sent and replied to. */
  get isAvailable(): boolean {
    return this.redis.status === 'ready' && !this.isUnavailable;
  }

  /** Waits for the first attempt to connect. Further attempts follow in the background. */
  async open(): Promise<void> {
    // `onClose` has logged the reason.
    await this.redis.connect().catch(() => undefined);
  }

  close(): void {
    this.redis.off('close', this.onClose);
    this.redis.disconnect();
  }

  /** @returns undefined when Redis is unavailable */
  async execute<Reply>(command: (redis: Redis) => Promise<Reply>): Promise<Reply | undefined> {
    if (this.redis.status !== 'ready' || performance.now() < this.pausedUntil) return undefined;
    try {
      const reply = await command(this.redis);
      this.markAvailable();
      return reply;
    } catch (error) {
      this.onFailure(error);
      return undefined;
    }
  }

  private readonly onError = (error: Error): void => {
    this.lastError = messageOf(error);
  };

  private readonly onClose = (): void => {
    this.markUnavailable(this.lastError ?? 'the connection was closed');
  };

  /** Sends PING, because a connection becomes ready before Redis rejects its password. */
  private readonly onReady = (): void => {
    this.pausedUntil = 0;
    void this.execute((redis) => redis.ping());
  };

  private onFailure(error: unknown): void {
    const isFirst = performance.now() >= this.pausedUntil;
    this.pausedUntil = performance.now() + PAUSE_MS;
    if (error instanceof ReplyError) {
      this.markUnavailable(messageOf(error));
    } else if (isFirst) {
      // A connection that timed out may be dead: replace it. `onClose` logs the reason.
      this.lastError ??= messageOf(error);
      this.redis.disconnect(true);
    }
  }

  /** Takes a string, because the errors of the client contain commands with their arguments. */
  private markUnavailable(reason: string): void {
    if (this.isUnavailable) return;
    this.isUnavailable = true;
    this.logger.warn(`Redis is away, each instance counts for itself: ${reason}`);
  }

  /** Ignores late replies to commands that were sent before a failure. */
  private markAvailable(): void {
    if (!this.isUnavailable || performance.now() < this.pausedUntil) return;
    this.isUnavailable = false;
    this.lastError = undefined;
    this.logger.log('Redis is back, instances count together');
  }
}

const KEY_PREFIX_IN_URL = /[?&]keyPrefix=/;
