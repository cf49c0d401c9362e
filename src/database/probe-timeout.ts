/** How long the database may take to respond to a probe, in milliseconds. */
export const PROBE_TIMEOUT_MS = 1_000;

/** @throws Error when the work does not finish in time; the work continues */
export async function withProbeTimeout(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`The database has not responded within ${PROBE_TIMEOUT_MS} ms`)),
      PROBE_TIMEOUT_MS,
    );
  });
  try {
    await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
