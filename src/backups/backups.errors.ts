/** `BACKUP_DIR` has backups of another SQLite file, with the same names. */
export class ForeignBackupsError extends Error {
  /** @param marker the file that names the other SQLite file */
  constructor(owner: string, marker: string) {
    super(
      `the directory has the backups of ${owner}. Set another directory, ` +
        `or delete ${marker} if that SQLite file was moved.`,
    );
  }
}

/** `BACKUP_DIR` cannot be created, read or written, or is that of another SQLite file. */
export class BackupDirectoryError extends Error {
  constructor(cause: Error) {
    super(`BACKUP_DIR: ${cause.message}`, { cause });
  }
}
