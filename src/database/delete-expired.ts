import type { Logger } from '@nestjs/common';

/**
 * Deletes expired rows, for a schedule. Deleting only saves space, so a failure, for example because
 * the database is unreachable, is logged, and the next run deletes the rows.
 * @param what the rows are, in the plural
 * @param deleteRows returns how many rows it has deleted
 */
export async function deleteExpired(
  logger: Logger,
  what: string,
  deleteRows: () => Promise<number>,
): Promise<void> {
  try {
    const deleted = await deleteRows();
    if (deleted > 0) logger.log({ msg: `Deleted expired ${what}`, deleted });
  } catch (error) {
    logger.error({ msg: `Could not delete expired ${what}`, err: error });
  }
}
