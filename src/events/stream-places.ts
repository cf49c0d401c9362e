import type { StreamLimit } from '../common/measurements';

/** Open streams on one instance. */
export const STREAM_LIMITS = { perUser: 5, perInstance: 1_000 } as const;

/** The places of the streams of this instance, each of which belongs to a user. */
export class StreamPlaces {
  private readonly takenBy = new Map<number, number>();
  private taken = 0;

  get areAllFree(): boolean {
    return this.taken === 0;
  }

  /** @returns the limit that leaves no place for a user */
  reachedLimit(userId: number): StreamLimit | undefined {
    if ((this.takenBy.get(userId) ?? 0) >= STREAM_LIMITS.perUser) return 'user';
    return this.taken >= STREAM_LIMITS.perInstance ? 'instance' : undefined;
  }

  take(userId: number): void {
    this.takenBy.set(userId, (this.takenBy.get(userId) ?? 0) + 1);
    this.taken++;
  }

  /** Call it once for each place that was taken. */
  free(userId: number): void {
    const left = (this.takenBy.get(userId) ?? 1) - 1;
    if (left === 0) this.takenBy.delete(userId);
    else this.takenBy.set(userId, left);
    this.taken--;
  }
}
