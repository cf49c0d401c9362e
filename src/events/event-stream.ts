import type { Response } from 'express';
import type { LiveAccess } from '../api/live-access';
import type { Semaphore } from '../common/semaphore';
import type { EventFeed } from './event-feed';
import { PositionExpiredError } from './events.errors';
import type { EventLog } from './event-log';
import type { LogTail } from './log-tail';
import { COMMENT, formatEvent, formatStart } from './server-sent-events';

/** Events that are written at once, at most. Then the stream waits until the client has read them. */
const CHUNK_SIZE = 100;

// Clients reconnect after a random time, so that not all of them come back at once.
const MIN_RETRY_MS = 2_000;
const MAX_RETRY_MS = 5_000;

/** What a stream reads from. */
interface Sources {
  readonly log: EventLog;
  readonly tail: LogTail;
  readonly feed: EventFeed;
  /** Limits how many streams read older events at the same time. */
  readonly olderReads: Semaphore;
}

/** Sends events to one client, as fast as it reads them. */
export class EventStream {
  private isPumping = false;
  private isAwaitingClient = false;
  private hasEnded = false;

  /**
   * @param userId the owner of the orders; undefined: the orders of all users
   * @param position events after it are sent
   * @param onError is called when the log cannot be read; {@link wake} tries again
   */
  constructor(
    private readonly response: Response,
    private readonly sources: Sources,
    readonly userId: number | undefined,
    readonly access: LiveAccess,
    private position: number,
    private readonly onError: (error: unknown) => void,
  ) {
    response.once('close', () => (this.hasEnded = true));
  }

  start(): void {
    const retryMs = MIN_RETRY_MS + Math.floor(Math.random() * (MAX_RETRY_MS - MIN_RETRY_MS));
    this.response.write(formatStart(this.position, retryMs));
    this.wake();
  }

  /** The log has events after a position, and none of them is for this stream. */
  skip(from: number, to: number): void {
    if (!this.isPumping && this.position === from) this.position = to;
  }

  /** Sends the events that have not been sent yet, unless it is doing so. */
  wake(): void {
    if (!this.isPumping && !this.hasEnded) void this.pump();
  }

  /** Not while the client has unread bytes: they show that the connection is alive. */
  comment(): void {
    if (!this.isAwaitingClient && !this.hasEnded) this.response.write(COMMENT);
  }

  /** Events that a client does not read would keep the connection open. */
  end(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    if (this.response.writableNeedDrain) this.response.destroy();
    else this.response.end();
  }

  private async pump(): Promise<void> {
    this.isPumping = true;
    try {
      while (!this.hasEnded && this.position < this.sources.tail.latest) {
        const text = this.recentEvents() ?? (await this.olderEvents());
        if (text !== '' && !this.hasEnded) await this.write(text);
      }
    } catch (error) {
      // The client reconnects, and gets the error in the response.
      if (error instanceof PositionExpiredError) this.end();
      else this.onError(error);
    } finally {
      this.isPumping = false;
    }
  }

  /** @returns undefined when the tail no longer has them */
  private recentEvents(): string | undefined {
    const events = this.sources.tail.after(this.position);
    if (!events) return undefined;
    const texts: string[] = [];
    for (const { position, userId, text } of events) {
      if (texts.length === CHUNK_SIZE) break;
      this.position = position;
      if (this.userId === undefined || this.userId === userId) texts.push(text);
    }
    return texts.join('');
  }

  /** Streams that resume after a restart all do this at once, and do not count as simultaneous requests. */
  private async olderEvents(): Promise<string> {
    const release = await this.sources.olderReads.acquire();
    try {
      return this.hasEnded ? '' : await this.readOlderEvents();
    } finally {
      release();
    }
  }

  private async readOlderEvents(): Promise<string> {
    const { log, tail, feed } = this.sources;
    const { position: after, userId } = this;
    const { latest } = tail;
    const page = await log.page({ after, limit: CHUNK_SIZE, userId });
    await feed.requireComplete(after, userId);
    this.position = page.hasMore ? page.through : Math.max(page.through, latest);
    return page.events.map(formatEvent).join('');
  }

  /** Waits while the client does not read. The timeout of inactive connections ends that. */
  private async write(text: string): Promise<void> {
    const { response } = this;
    if (response.write(text)) return;
    this.isAwaitingClient = true;
    await new Promise<void>((resolve) => {
      const settle = () => {
        response.off('drain', settle);
        response.off('close', settle);
        resolve();
      };
      response.once('drain', settle);
      response.once('close', settle);
    });
    this.isAwaitingClient = false;
  }
}
