import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { isDatabaseUnavailable } from '../../database/database.errors';
import type { EndpointTurn } from './endpoint-turn';
import { ProgressWriter } from './progress-writer';
import type { TurnChanges } from './turn-progress';

/** How often the progress of all turns is stored, in milliseconds. */
const INTERVAL_MS = 100;

/** The pause after a failure, in milliseconds. */
const RETRY_MS = 500;

interface TakenChanges {
  readonly turn: EndpointTurn;
  readonly changes: TurnChanges;
}

/** Stores the progress of all turns of this instance together, and that of their ends at once. */
@Injectable()
export class ProgressFlush {
  private readonly logger = new Logger(ProgressFlush.name);
  /** With the callback of {@link finish}. At most one turn of an endpoint. */
  private readonly turns = new Map<EndpointTurn, (() => void) | undefined>();
  private isRunning = false;
  private isStopping = false;
  private lastLookAt = -Infinity;
  private wake = new AbortController();

  constructor(private readonly writer: ProgressWriter) {}

  add(turn: EndpointTurn): void {
    this.turns.set(turn, undefined);
    if (!this.isRunning) void this.flushAll();
  }

  /** Resolves when the end of a turn was stored, or its lease was lost. Never rejects. */
  finish(turn: EndpointTurn): Promise<void> {
    if (!this.turns.has(turn)) return Promise.resolve();
    return new Promise((resolve) => {
      this.turns.set(turn, resolve);
      this.wake.abort();
    });
  }

  /** From now on, a turn whose progress cannot be stored is dropped: its lease expires, and its events are sent again. */
  stopRetrying(): void {
    this.isStopping = true;
    this.wake.abort();
  }

  /** Ends a turn that has lost its lease: nothing of it is stored any more. */
  drop(turn: EndpointTurn): void {
    turn.abort();
    this.remove(turn);
  }

  /** Never rejects. */
  private async flushAll(): Promise<void> {
    this.isRunning = true;
    while (this.turns.size > 0) {
      await this.pause(INTERVAL_MS);
      if (!(await this.flush())) await delay(RETRY_MS);
    }
    this.isRunning = false;
  }

  private async pause(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.wake.signal }).catch(() => undefined);
    if (this.wake.signal.aborted) this.wake = new AbortController();
  }

  /** @returns false when the database has failed */
  private async flush(): Promise<boolean> {
    const taken: TakenChanges[] = [];
    const unchanged: EndpointTurn[] = [];
    for (const turn of this.turns.keys()) {
      const changes = turn.progress.take();
      if (changes) taken.push({ turn, changes });
      else unchanged.push(turn);
    }
    const isStored = taken.length === 0 || (await this.storeAll(taken));
    return isStored && (await this.look(unchanged));
  }

  private async storeAll(taken: readonly TakenChanges[]): Promise<boolean> {
    try {
      await this.store(taken);
      return true;
    } catch (error) {
      if (isDatabaseUnavailable(error)) {
        this.logger.warn({ msg: 'Could not store what was sent; trying again', err: error });
        for (const { turn, changes } of taken) this.putBack(turn, changes);
        return false;
      }
    }
    // What one turn has sent cannot be stored: that of the others can.
    for (const one of taken) await this.storeOne(one);
    return true;
  }

  private async storeOne(one: TakenChanges): Promise<void> {
    try {
      await this.store([one]);
    } catch (error) {
      if (isDatabaseUnavailable(error)) return this.putBack(one.turn, one.changes);
      const msg = 'Could not store what was sent; it is sent again';
      this.logger.error({ msg, webhook_id: one.turn.endpoint.id, err: error });
      this.drop(one.turn);
    }
  }

  private async store(taken: readonly TakenChanges[]): Promise<void> {
    const stored = await this.writer.write(taken.map(({ changes }) => changes));
    for (const [index, { turn, changes }] of taken.entries()) {
      const endpoint = stored[index];
      if (!endpoint) {
        this.drop(turn);
        continue;
      }
      turn.stored(endpoint);
      if (changes.ends) this.remove(turn);
    }
  }

  /** Other instances pause, change and delete endpoints while their requests have no response yet. */
  private async look(turns: readonly EndpointTurn[]): Promise<boolean> {
    const isSoon = performance.now() < this.lastLookAt + INTERVAL_MS;
    if (turns.length === 0 || isSoon) return true;
    this.lastLookAt = performance.now();
    try {
      const endpoints = await this.writer.read(turns.map(({ lease }) => lease));
      for (const [index, turn] of turns.entries()) {
        const endpoint = endpoints[index];
        if (endpoint) turn.stored(endpoint);
        else this.drop(turn);
      }
      return true;
    } catch (error) {
      this.logger.debug({ msg: 'Could not read the state of webhooks', err: error });
      return false;
    }
  }

  private putBack(turn: EndpointTurn, changes: TurnChanges): void {
    turn.progress.putBack(changes);
    // Then another instance sends to the endpoint.
    const hasExpired = performance.now() >= turn.endpoint.leaseEndsAt;
    if (hasExpired || this.isStopping) this.drop(turn);
  }

  private remove(turn: EndpointTurn): void {
    this.turns.get(turn)?.();
    this.turns.delete(turn);
  }
}
