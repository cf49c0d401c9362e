import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nameCopy, syncFolder } from './backup';

describe('nameCopy', () => {
  let folder: string;
  const path = (name: string) => join(folder, name);
  const withoutLinks = () =>
    Promise.reject(Object.assign(new Error('no links'), { code: 'EPERM' }));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'backup-'));
    await writeFile(path('copy.tmp'), 'copy');
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('works on a file system without hard links', async () => {
    await nameCopy(path('copy.tmp'), path('backup.db'), withoutLinks);
    expect(await readFile(path('backup.db'), 'utf8')).toBe('copy');
    expect(await readdir(folder)).toEqual(['backup.db']);
  });

  it.each([
    { name: 'with hard links', createLink: undefined },
    { name: 'without hard links', createLink: withoutLinks },
  ])('replaces no file on a file system $name', async ({ createLink }) => {
    await writeFile(path('backup.db'), 'kept');
    const naming = nameCopy(path('copy.tmp'), path('backup.db'), createLink);
    await expect(naming).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(path('backup.db'), 'utf8')).toBe('kept');
  });

  it('keeps no name when the copy is gone', async () => {
    const naming = nameCopy(path('gone.tmp'), path('backup.db'), withoutLinks);
    await expect(naming).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(folder)).toEqual(['copy.tmp']);
  });
});

describe('syncFolder', () => {
  const failWith = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));

  it.each(['EINVAL', 'EISDIR', 'ENOTSUP'])(
    'accepts a file system that returns %s',
    async (code) => {
      await expect(syncFolder('/', failWith(code))).resolves.toBeUndefined();
    },
  );

  it('reports a disk that fails', async () => {
    await expect(syncFolder('/', failWith('EIO'))).rejects.toMatchObject({ code: 'EIO' });
  });
});
