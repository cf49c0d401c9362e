import { TestApp } from '../../support/test-app';

describe('an acknowledged order on PostgreSQL', () => {
  it('fault 16: is committed only after it was written to the disk', async () => {
    const app = await TestApp.start();
    try {
      expect(await app.dataSource.query('SHOW synchronous_commit')).toEqual([
        { synchronous_commit: 'on' },
      ]);
      expect(await app.dataSource.query('SHOW fsync')).toEqual([{ fsync: 'on' }]);
    } finally {
      await app.stop();
    }
  });
});
