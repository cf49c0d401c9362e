import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface PackageFile {
  readonly name?: string;
  readonly version?: string;
}

let packageFile: PackageFile | undefined;

/** The version in `package.json`, which is in a parent folder of the sources and of the build. */
export function packageVersion(): string {
  packageFile ??= readPackageFile(__dirname);
  return packageFile.version ?? 'unknown';
}

/** The name in `package.json`. */
export function packageName(): string {
  packageFile ??= readPackageFile(__dirname);
  return packageFile.name ?? 'unknown';
}

function readPackageFile(folder: string): PackageFile {
  const file = join(folder, 'package.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as PackageFile;
  const parent = dirname(folder);
  return parent === folder ? {} : readPackageFile(parent);
}
