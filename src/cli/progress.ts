const BAR_WIDTH = 30;

/** The pause between two updates of the bar, and between two plain lines, in milliseconds. */
const BAR_INTERVAL_MS = 100;
const LINE_INTERVAL_MS = 5_000;

/** Where progress is shown: stderr, because stdout is for results. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(string: string): unknown;
}

/** Shows how far a command is: a bar on a terminal, and plain lines elsewhere. */
export class Progress {
  private shownAt = -Infinity;

  constructor(
    private readonly label: string,
    private readonly total: number,
    private readonly stream: ProgressStream = process.stderr,
  ) {}

  /** @param done of the total */
  show(done: number): void {
    const now = performance.now();
    const intervalMs = this.stream.isTTY ? BAR_INTERVAL_MS : LINE_INTERVAL_MS;
    if (now - this.shownAt < intervalMs) return;
    this.shownAt = now;
    const share = this.total > 0 ? Math.min(done / this.total, 1) : 1;
    const percent = `${Math.floor(share * 100)} %`;
    this.stream.write(
      this.stream.isTTY
        ? `\r${this.label} ${bar(share)} ${percent}`
        : `${this.label}: ${percent}\n`,
    );
  }

  /** Removes the bar. */
  end(): void {
    if (this.stream.isTTY && this.shownAt > -Infinity) this.stream.write('\r\x1b[K');
    this.shownAt = -Infinity;
  }
}

function bar(share: number): string {
  const filled = Math.floor(share * BAR_WIDTH);
  return `[${'#'.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}]`;
}
