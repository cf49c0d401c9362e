/** Environment variables are invalid; each problem is one line of the message. */
export class InvalidEnvironmentError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`Invalid configuration:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = InvalidEnvironmentError.name;
  }
}
