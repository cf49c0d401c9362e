import { constants } from 'node:fs';
import { access, lstat, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { errorCodeOf } from '../database/error-code';
import { backupOfCopy } from '../database/sqlite/backup';
import { backupName, backupPrefix, instantOfBackup } from '../database/sqlite/backup-names';
import { BackupDirectoryError, ForeignBackupsError } from './backups.errors';

/** How many backups are kept. */
const KEPT_BACKUPS = 7;

/** Only the user of the server can read orders and accounts in it. */
const DIRECTORY_MODE = 0o700;

/** Backups that were made by hand end in `Z.db`, and are never deleted. */
const EXTENSION = '.auto.db';

/** A backup in `BACKUP_DIR`. */
interface Backup {
  readonly name: string;
  readonly at: Date;
}

/**
 * The backups of one SQLite file in `BACKUP_DIR`. Files whose names have another form are neither counted
 * nor deleted.
 */
export class BackupFolder {
  private readonly directory: string;

  /** @param database the path of the SQLite file */
  constructor(
    directory: string,
    readonly database: string,
  ) {
    this.directory = resolve(directory);
  }

  /** Creates the directory if it does not exist, and claims it for the SQLite file. @throws BackupDirectoryError */
  async prepare(): Promise<void> {
    try {
      await createDirectory(this.directory);
      await this.files();
      await access(this.directory, constants.W_OK | constants.X_OK);
      await this.claim();
    } catch (error) {
      throw new BackupDirectoryError(error as Error);
    }
  }

  /** The path of a backup that is made at this instant. */
  pathOf(at: Date): string {
    return join(this.directory, backupName(this.database, at, EXTENSION));
  }

  /** The instant of the newest backup until now. */
  async newest(now: Date): Promise<Date | undefined> {
    const [newest] = await this.backups(now);
    return newest?.at;
  }

  /** Deletes the backups before the newest ones, and returns how many it has deleted. */
  async deleteOld(now: Date): Promise<number> {
    const old = (await this.backups(now)).slice(KEPT_BACKUPS);
    return this.delete(old.map(({ name }) => name));
  }

  /** Deletes what a killed process has left: copies, and empty files. Call it when no backup is running. */
  async deleteIncomplete(): Promise<number> {
    const names = await this.files();
    const copies = names.filter((name) => this.instantOf(backupOfCopy(name) ?? ''));
    const empty = await this.emptyOnes(names.filter((name) => this.instantOf(name)));
    return this.delete([...copies, ...empty]);
  }

  /**
   * Writes the path of the SQLite file to a file in the directory. Another SQLite file of the same name would
   * have its backups, and those that are running, deleted.
   */
  private async claim(): Promise<void> {
    const database = resolve(this.database);
    const marker = join(this.directory, `${backupPrefix(database)}.owner`);
    const owner = await readFile(marker, 'utf8').catch((error: unknown) => {
      if (errorCodeOf(error) !== 'ENOENT') throw error;
      return '';
    });
    if (owner === database) return;
    if (owner !== '') throw new ForeignBackupsError(owner, marker);
    // A full disk or a kill may have left it empty.
    await writeFile(marker, database, { mode: 0o600 });
  }

  /**
   * Newest first. Those of the future were made while the clock was wrong: they do not count, because
   * correct backups would be deleted in their favour. Nor do empty files (`nameCopy`).
   */
  private async backups(now: Date): Promise<Backup[]> {
    const names = (await this.files()).filter((name) => this.instantOf(name));
    const empty = new Set(await this.emptyOnes(names));
    return names
      .flatMap((name) => {
        const at = this.instantOf(name);
        return at && at <= now && !empty.has(name) ? [{ name, at }] : [];
      })
      .toSorted((one, other) => other.at.getTime() - one.at.getTime());
  }

  private instantOf(name: string): Date | undefined {
    return instantOfBackup(name, this.database, EXTENSION);
  }

  private async files(): Promise<string[]> {
    const entries = await readdir(this.directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  }

  /** Those of these files that are empty. */
  private async emptyOnes(names: readonly string[]): Promise<string[]> {
    const empty: string[] = [];
    for (const name of names) {
      const { size } = await lstat(join(this.directory, name));
      if (size === 0) empty.push(name);
    }
    return empty;
  }

  /** @throws the first error, after it has tried to delete all */
  private async delete(names: readonly string[]): Promise<number> {
    const results = await Promise.allSettled(
      names.map((name) => rm(join(this.directory, name), { force: true })),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    return names.length;
  }
}

/** Creates a directory and its parents. `mkdir` of Node.js with `recursive` never returns in `/proc`. */
async function createDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: DIRECTORY_MODE });
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await createDirectory(dirname(path));
    await mkdir(path, { mode: DIRECTORY_MODE });
  }
}
