import { basename } from 'node:path';

const SUFFIX = /^-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z.*$/;

/** What the names of the backups of an SQLite file begin with: `orders` for `/data/orders.db`. */
export function backupPrefix(database: string): string {
  return basename(database, '.db');
}

/** `orders.db` becomes `orders-20260131T120000Z.db`. The instant is UTC, so names sort by time. */
export function backupName(database: string, at: Date, extension = '.db'): string {
  const instant = at.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `${backupPrefix(database)}-${instant}${extension}`;
}

/** @returns undefined when {@link backupName} returns this name for no instant */
export function instantOfBackup(
  name: string,
  database: string,
  extension?: string,
): Date | undefined {
  const suffix = name.slice(backupPrefix(database).length);
  const at = new Date(suffix.replace(SUFFIX, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(at.getTime())) return undefined;
  return backupName(database, at, extension) === name ? at : undefined;
}
