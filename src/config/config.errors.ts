/** The environment holds values the server cannot run with; one line per problem. */
export class InvalidEnvironmentError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`Invalid configuration:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = InvalidEnvironmentError.name;
  }
}
