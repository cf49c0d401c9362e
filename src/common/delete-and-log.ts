import type { Logger } from '@nestjs/common';

/**
 * Deletes rows or files that are not needed any more, for a schedule. Deleting only saves space, so a failure, for example
 * because the database is unreachable, is logged, and the next run deletes them.
 * @param what they are, such as "expired sessions"
 * @param deleteThem returns how many it has deleted
 */
export async function deleteAndLog(
  logger: Logger,
  what: string,
  deleteThem: () => Promise<number>,
): Promise<void> {
  try {
    const deleted = await deleteThem();
    if (deleted > 0) logger.log({ msg: `Deleted ${what}`, deleted });
  } catch (error) {
    logger.error({ msg: `Could not delete ${what}`, err: error });
  }
}
