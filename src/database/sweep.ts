import type { Logger } from '@nestjs/common';

/**
 * Deletes what has expired, on a schedule. That only saves space, so a failure, say because the
 * database is away, is logged and left to the next time.
 * @param deleteExpired answers how many rows it has deleted
 */
export async function sweep(
  logger: Logger,
  what: string,
  deleteExpired: () => Promise<number>,
): Promise<void> {
  try {
    const deleted = await deleteExpired();
    if (deleted > 0) logger.log({ msg: `Deleted expired ${what}`, deleted });
  } catch (error) {
    logger.error({ msg: `Could not delete expired ${what}`, err: error });
  }
}
