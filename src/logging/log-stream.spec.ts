import { pbkdf2 } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LogStream } from './log-stream';

/** Occupies one of the four threads that write files, for about 0.1 s. */
const occupyThread = () => promisify(pbkdf2)('password', 'salt', 100_000, 64, 'sha512');

const ready = (stream: LogStream) => new Promise((resolve) => stream.onReady(resolve));

describe('LogStream', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'log-stream-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
    jest.restoreAllMocks();
  });

  it('has written lines to its file when it returns from writeSync, in their order', async () => {
    const file = join(folder, 'api.log');
    const stream = new LogStream('a file', { dest: file, mkdir: true });
    await ready(stream);
    // All threads are busy, so whatever leaves this one comes late.
    const busy = Promise.all(Array.from({ length: 4 }, () => occupyThread()));
    let written = '';
    for (let line = 0; line < 50; line++) {
      stream.writeSync(`${line}\n`);
      written += `${line}\n`;
      expect(readFileSync(file, 'utf8')).toBe(written);
    }
    await busy;
    stream.end();
  });

  it('tells when the lines of write are written', async () => {
    const file = join(folder, 'api.log');
    const stream = new LogStream('a file', { dest: file, mkdir: true });
    await ready(stream);
    await expect(stream.drain()).resolves.toBeUndefined();
    const busy = Promise.all(Array.from({ length: 4 }, () => occupyThread()));
    stream.write('a\n');
    stream.write('b\n');
    await stream.drain();
    expect(readFileSync(file, 'utf8')).toBe('a\nb\n');
    await busy;
    stream.end();
  });

  it('tells that lines cannot be written', async () => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const stream = new LogStream('a full disk', { fd: openSync('/dev/full', 'w') });
    await ready(stream);
    stream.write('a\n');
    await expect(stream.drain()).resolves.toBeUndefined();
    await expect(stream.drain()).resolves.toBeUndefined();
  });

  it('reports once that the disk is full, and does not wait for space', async () => {
    const report = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const stream = new LogStream('a full disk', { fd: openSync('/dev/full', 'w') });
    await ready(stream);
    stream.writeSync('a\n');
    stream.writeSync('b\n');
    stream.write('c\n');
    expect(report.mock.calls).toEqual([
      [expect.stringMatching(/^Cannot write to a full disk: ENOSPC.*\n$/)],
    ]);
  });

  it('keeps lines until its file is open', async () => {
    const file = join(folder, 'below', 'api.log');
    const stream = new LogStream('a file', { dest: file, mkdir: true });
    stream.writeSync('a\n');
    await ready(stream);
    stream.end();
    await expect(untilContains(file, 'a\n')).resolves.toBeUndefined();
  });
});

async function untilContains(file: string, content: string): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (readFileSync(file, 'utf8') !== content) {
    if (Date.now() > deadline) throw new Error(`${file} does not contain ${content}`);
    await new Promise(setImmediate);
  }
}
