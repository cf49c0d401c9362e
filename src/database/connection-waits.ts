/** A driver that reports how long callers have waited for a connection, also those that got none. */
export interface ReportsConnectionWaits {
  onWait: (seconds: number) => void;
}

/** Waits for a connection, and reports how long it took. */
export async function reportWait<Connection>(
  driver: ReportsConnectionWaits,
  connecting: Promise<Connection>,
): Promise<Connection> {
  const startedAt = performance.now();
  try {
    return await connecting;
  } finally {
    driver.onWait((performance.now() - startedAt) / 1_000);
  }
}
