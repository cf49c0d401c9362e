import { Logger } from '@nestjs/common';
import { Redis, ReplyError } from 'ioredis';
import { REDIS_SCRIPTS } from './redis-scripts';

/** Longer than Redis ever takes, and short enough for the requests that find out it is away. */
const COMMAND_TIMEOUT_MS = 500;

/** How long Redis is not asked after it has failed, so that not every request waits for it. */
const PAUSE_MS = 1_000;

const LONGEST_RECONNECT_DELAY_MS = 1_000;

/** A connection to Redis that callers can do without: while Redis is away they are told so. */
export class RedisConnection {
  private readonly logger = new Logger(RedisConnection.name);
  private readonly redis: Redis;
  private isAway = false;
  private pausedUntil = 0;
  private lastError: string | undefined;

  constructor(url: string) {
    this.redis = new Redis(url, {
      lazyConnect: true,
      keyPrefix: KEY_PREFIX_IN_URL.test(url) ? undefined : 'order-management:',
      connectTimeout: COMMAND_TIMEOUT_MS,
      commandTimeout: COMMAND_TIMEOUT_MS,
      disconnectTimeout: COMMAND_TIMEOUT_MS,
      // Whoever asks while there is no connection is not to wait for one.
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

  /** Waits for the first attempt to connect; further ones follow by themselves. */
  async open(): Promise<void> {
    // What went wrong was logged when the connection closed.
    await this.redis.connect().catch(() => undefined);
  }

  close(): void {
    this.redis.off('close', this.onClose);
    this.redis.disconnect();
  }

  /** @returns undefined when Redis is away */
  async ask<Reply>(command: (redis: Redis) => Promise<Reply>): Promise<Reply | undefined> {
    if (this.redis.status !== 'ready' || performance.now() < this.pausedUntil) return undefined;
    try {
      const reply = await command(this.redis);
      this.markBack();
      return reply;
    } catch (error) {
      this.onFailure(error);
      return undefined;
    }
  }

  private readonly onError = (error: Error): void => {
    this.lastError = reasonOf(error);
  };

  private readonly onClose = (): void => {
    this.markAway(this.lastError ?? 'the connection was closed');
  };

  /** A connection whose password was refused may be called ready, and is closed right after that. */
  private readonly onReady = (): void => {
    this.pausedUntil = 0;
    void this.ask((redis) => redis.ping());
  };

  private onFailure(error: unknown): void {
    const isFirst = performance.now() >= this.pausedUntil;
    this.pausedUntil = performance.now() + PAUSE_MS;
    if (error instanceof ReplyError) {
      this.markAway(reasonOf(error));
    } else if (isFirst) {
      // A connection on which no answer came may never carry one again; closing it is reported.
      this.lastError ??= reasonOf(error);
      this.redis.disconnect(true);
    }
  }

  /** The reason is a text: errors of the client hold the commands they are about. */
  private markAway(reason: string): void {
    if (this.isAway) return;
    this.isAway = true;
    this.logger.warn(`Redis is away, each instance counts for itself: ${reason}`);
  }

  /** Not by an answer to what was asked before it failed. */
  private markBack(): void {
    if (!this.isAway || performance.now() < this.pausedUntil) return;
    this.isAway = false;
    this.lastError = undefined;
    this.logger.log('Redis is back, instances count together');
  }
}

const KEY_PREFIX_IN_URL = /[?&]keyPrefix=/;

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
