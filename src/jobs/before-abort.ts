/**
 * Runs some work, and stops waiting for it once the signal is aborted: not all work heeds one.
 * @throws the reason of the signal, or whatever the work throws
 */
export async function beforeAbort<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let abandon: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abandon = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abandon, { once: true });
  });
  try {
    return await Promise.race([Promise.resolve().then(work), aborted]);
  } finally {
    if (abandon) signal.removeEventListener('abort', abandon);
  }
}
