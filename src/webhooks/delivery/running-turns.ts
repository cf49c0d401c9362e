import type { EndpointTurn } from './endpoint-turn';

/** A turn that is younger goes on while others wait, in milliseconds. */
export const MIN_TURN_MS = 1_000;

/** The turns of this instance. */
export class RunningTurns {
  private readonly turns = new Map<EndpointTurn, Promise<void>>();

  get size(): number {
    return this.turns.size;
  }

  /** @param running resolves when the turn has ended, and never rejects */
  add(turn: EndpointTurn, running: Promise<void>): void {
    this.turns.set(turn, running);
  }

  delete(turn: EndpointTurn): void {
    this.turns.delete(turn);
  }

  [Symbol.iterator](): IterableIterator<EndpointTurn> {
    return this.turns.keys();
  }

  /** @param revision of the endpoint: turns that have begun with an earlier one */
  of(endpointId: number, revision = Infinity): EndpointTurn[] {
    return Array.from(this).filter(
      ({ endpoint }) => endpoint.id === endpointId && endpoint.revision < revision,
    );
  }

  /** The number of turns by the owner of the endpoint. */
  countByUser(): Map<number, number> {
    const counts = new Map<number, number>();
    for (const { endpoint } of this) {
      counts.set(endpoint.userId, (counts.get(endpoint.userId) ?? 0) + 1);
    }
    return counts;
  }

  /**
   * Lets turns end after their running requests, the oldest first, because other endpoints wait.
   * @param count how many turns have to end
   */
  makeRoom(count: number): void {
    const ending = Array.from(this).filter(({ isStopping }) => isStopping).length;
    const startedBefore = performance.now() - MIN_TURN_MS;
    Array.from(this)
      .filter(({ isStopping, startedAt }) => !isStopping && startedAt <= startedBefore)
      .slice(0, Math.max(0, count - ending))
      .forEach((turn) => turn.stop());
  }

  /** Resolves when no turn is running. */
  async idle(): Promise<void> {
    while (this.turns.size > 0) await Promise.all(this.turns.values());
  }
}
