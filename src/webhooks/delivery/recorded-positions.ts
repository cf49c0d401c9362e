/** How far an endpoint has come: up to which position all events are recorded, in any order. */
export class RecordedPositions {
  private readonly recorded = new Set<number>();
  private next = 0;
  private reached: number;

  /**
   * @param start the position before all of these
   * @param positions of the events, ascending
   * @param through the position that is reached when all are recorded
   */
  constructor(
    start: number,
    private readonly positions: readonly number[],
    private readonly through: number,
  ) {
    this.reached = start;
    this.advance();
  }

  /** All events up to this one are recorded. */
  get position(): number {
    return this.reached;
  }

  record(position: number): void {
    this.recorded.add(position);
    this.advance();
  }

  private advance(): void {
    for (; this.next < this.positions.length; this.next++) {
      const position = this.positions[this.next];
      if (position === undefined || !this.recorded.delete(position)) return;
      this.reached = position;
    }
    this.reached = Math.max(this.reached, this.through);
  }
}
