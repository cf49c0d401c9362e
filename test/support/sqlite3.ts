import { spawnSync } from 'node:child_process';

/** True when the command line of SQLite is installed. */
export const isSqlite3Installed = spawnSync('sqlite3', ['--version']).status === 0;
