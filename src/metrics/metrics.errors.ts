/** `METRICS_PORT` cannot be listened on, for example because it is taken. */
export class MetricsPortError extends Error {
  constructor(cause: Error) {
    super(`METRICS_PORT, METRICS_HOST: ${cause.message}`, { cause });
  }
}
