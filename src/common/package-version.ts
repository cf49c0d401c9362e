import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The version in `package.json`, which is in a parent folder of the sources and of the build. */
export function packageVersion(folder = __dirname): string {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) {
    const parent = dirname(folder);
    return parent === folder ? 'unknown' : packageVersion(parent);
  }
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version?: string };
  return version ?? 'unknown';
}
