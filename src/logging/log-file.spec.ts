import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../../test/support/wait-until';
import { LogFile, type Options } from './log-file';

const OPTIONS = { maxBytes: 100, checkIntervalMs: 5 };

const NAMES = ['api.log.5', 'api.log.4', 'api.log.3', 'api.log.2', 'api.log.1', 'api.log'];

const line = (number: number) => `line ${String(number).padStart(4, '0')}\n`;

describe('LogFile', () => {
  let folder: string;
  let file: string;
  let logs: LogFile[];
  const report = jest.fn<true, [string]>(() => true);

  const open = (options: Options = OPTIONS) => {
    const log = new LogFile(file, options);
    logs.push(log);
    return log;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'log-file-'));
    file = join(folder, 'api.log');
    logs = [];
    report.mockClear();
    jest.spyOn(process.stderr, 'write').mockImplementation(report as never);
  });

  afterEach(() => {
    for (const log of logs) log.close();
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  const contentOf = (name: string) => {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch {
      return ''; // it is missing, or a folder
    }
  };

  /** All lines that are kept, oldest first. */
  const keptLines = (names = NAMES) =>
    names.flatMap((name) => contentOf(name).match(/.+\n/g) ?? []);

  /** Writes lines, and waits until all of them are in files. */
  async function write(log: LogFile, from: number, count: number): Promise<void> {
    for (let number = from; number < from + count; number++) log.write(line(number));
    await waitUntil(() => keptLines().includes(line(from + count - 1)));
  }

  it('begins a new file above the maximum size, and keeps five, without losing a line', async () => {
    const log = open();
    const inodeOfFile = () => statSync(file, { throwIfNoEntry: false })?.ino;
    await waitUntil(() => existsSync(file));
    let [inode, rotations, written] = [inodeOfFile(), 0, 0];
    // Not each round is a rotation: lines that are written while a new file is opened are in the old one.
    await waitUntil(async () => {
      await write(log, written, 15);
      written += 15;
      const current = inodeOfFile();
      if (current !== undefined && current !== inode) {
        inode = current;
        rotations++;
      }
      return rotations === 7;
    });
    await waitUntil(() => existsSync(file) && contentOf('api.log').length < OPTIONS.maxBytes);
    expect(readdirSync(folder).toSorted()).toEqual(NAMES.toSorted());
    for (const name of NAMES.slice(0, -1)) {
      expect(contentOf(name).length).toBeGreaterThanOrEqual(OPTIONS.maxBytes);
    }
    const kept = keptLines();
    expect(kept).toEqual(kept.map((_, index) => line(written - kept.length + index)));
    expect(report).not.toHaveBeenCalled();
  });

  it('opens the new file of a file that another process has renamed', async () => {
    const [log, other] = [open(), open({ checkIntervalMs: OPTIONS.checkIntervalMs })];
    await write(log, 0, 15);
    await waitUntil(() => contentOf('api.log.1') !== '' && existsSync(file));
    logs.shift()?.close(); // `log`, which would rotate the file again
    const arrives = waitUntil(() => {
      other.write('other\n');
      return contentOf('api.log').includes('other\n');
    });
    await expect(arrives).resolves.toBeUndefined();
  });

  it('leaves rotation to others when they have done it', async () => {
    const log = open();
    await write(log, 0, 1);
    renameSync(file, `${file}-20260131`);
    log.wasRotated();
    await waitUntil(() => existsSync(file));
    await waitUntil(() => {
      log.write(line(1));
      return contentOf('api.log').length > 3 * OPTIONS.maxBytes;
    });
    await new Promise((resolve) => setTimeout(resolve, 10 * OPTIONS.checkIntervalMs));
    expect(readdirSync(folder).toSorted()).toEqual(['api.log', 'api.log-20260131']);
    expect(contentOf('api.log-20260131')).toContain(line(0));
  });

  it('reports that it cannot rotate, and writes on', async () => {
    writeFileSync(`${file}.4`, '');
    mkdirSync(`${file}.5`);
    const log = open();
    await write(log, 0, 15);
    await waitUntil(() => report.mock.calls.length > 0);
    await write(log, 15, 5);
    await new Promise((resolve) => setTimeout(resolve, 10 * OPTIONS.checkIntervalMs));
    expect(report.mock.calls).toEqual([
      [expect.stringMatching(/^Cannot rotate the log file: .*EISDIR/)],
    ]);
    expect(keptLines(['api.log'])).toHaveLength(20);
  });

  it('reports once that its new file cannot be opened, and writes on to the old one', async () => {
    const log = open();
    await write(log, 0, 1);
    renameSync(file, `${file}.1`);
    mkdirSync(file);
    await waitUntil(() => report.mock.calls.length > 0);
    await write(log, 1, 5);
    expect(contentOf('api.log.1')).toContain(line(5));
    await new Promise((resolve) => setTimeout(resolve, 10 * OPTIONS.checkIntervalMs));
    expect(report).toHaveBeenCalledTimes(1);
    rmSync(file, { recursive: true });
    log.wasRotated();
    await waitUntil(() => existsSync(file));
    await write(log, 6, 1);
  });

  it('does not fail when its file cannot be opened at all', async () => {
    mkdirSync(file);
    const log = open();
    log.write(line(0));
    log.writeSync(line(1));
    await waitUntil(() => report.mock.calls.length > 0);
    expect(() => log.wasRotated()).not.toThrow();
  });
});
