import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServerFleet } from './support/server-fleet';
import { isPostgres } from './support/test-database';

describe('the start of the built server', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_CRON: '' });

  it('logs its settings without credentials', async () => {
    const { version } = JSON.parse(
      await readFile(join(__dirname, '..', 'package.json'), 'utf8'),
    ) as { version: string };
    // Nothing listens on port 1; the server works without Redis.
    const server = await fleet.start({ REDIS_URL: 'redis://user:hidden-password@127.0.0.1:1/1' });
    const lines = linesOf(server.process.output);
    expect(lines[0]).toMatchObject({
      msg: `Version ${version} starts on Node.js ${process.version}`,
      version,
      node: process.version,
      environment: 'development',
      database: locationOf(fleet.databaseEnvironment),
      migrate_on_start: true,
      redis: '127.0.0.1:1',
      traces: null,
      processing: '0 */2 * * * *',
    });
    const messages = lines.map(({ msg }) => msg);
    expect(messages).toContainEqual(expect.stringMatching(/^Migrations run: CreateUsers\d+, /));
    expect(messages).toContain('Orders are fulfilled by: simulated');
    expect(lines.filter(({ level, context }) => level === 'warn' && context === 'Server')).toEqual(
      [],
    );
    await server.stop();
    expect(server.process.output.join('\n')).not.toContain('hidden-password');

    const next = await fleet.start({ PROCESSING_ENABLED: 'false' });
    const nextLines = linesOf(next.process.output);
    expect(nextLines[0]).toMatchObject({ redis: null, processing: null });
    expect(nextLines.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining([
        'No migration is pending',
        'Processing is off: this instance serves HTTP only',
      ]),
    );
  });

  it('warns in production about SQLite and simulated work', async () => {
    const server = await fleet.start({
      NODE_ENV: 'production',
      JWT_SECRET: 'k9wV0s3Jq7tYb2NcX5zRf8HdLm4PgTuA',
      BCRYPT_COST: '10',
    });
    const warnings = linesOf(server.process.output)
      .filter(({ level }) => level === 'warn')
      .map(({ msg }) => msg);
    expect(warnings).toEqual([
      ...(isPostgres() ? [] : [expect.stringContaining('need DATABASE_URL')]),
      'No step is registered: orders are completed by simulated work',
    ]);
  });

  it.each([
    ['', 'JWT_SECRET is not set: a restart invalidates all tokens'],
    ['qwertz', 'JWT_SECRET must be at least 32 bytes in production'],
    ['change-me-change-me-change-me-123', 'JWT_SECRET must not be an example value in production'],
  ])('warns outside production about the secret "%s"', async (JWT_SECRET, warning) => {
    const server = await fleet.start({ JWT_SECRET });
    const lines = linesOf(server.process.output);
    expect(lines).toContainEqual(expect.objectContaining({ level: 'warn', msg: warning }));
    if (JWT_SECRET) expect(server.process.output.join('\n')).not.toContain(JWT_SECRET);
  });

  it('reports invalid variables by name, without a stack trace', async () => {
    const server = await fleet.run('main.js', [], { PORT: 'http', LOG_LEVEL: 'loud' });
    expect(server.code).toBe(1);
    expect(server.output.join('\n')).toMatch(
      /^Invalid configuration:\n  - PORT must .*\n[^]*  - LOG_LEVEL must /m,
    );
    const logged = server.output.filter((line) => line.startsWith('{'));
    expect(linesOf(logged)).toEqual([
      expect.objectContaining({
        level: 'fatal',
        msg: 'The server could not start: invalid configuration',
        problems: expect.arrayContaining([expect.stringMatching(/^PORT must /)]),
      }),
    ]);
    expect(server.output.join('\n')).not.toMatch(/loud|\bat /);
  });

  it('does not start in production without a JWT secret', async () => {
    const server = await fleet.run('main.js', [], { NODE_ENV: 'production' });
    expect(server.code).toBe(1);
    expect(server.output.join('\n')).toContain('JWT_SECRET must be at least 32 bytes');
  });
});

function linesOf(output: readonly string[]): Record<string, unknown>[] {
  return output.map((line) => JSON.parse(line) as Record<string, unknown>);
}

function locationOf(environment: Record<string, string>): string {
  if (!isPostgres()) return `SQLite file ${environment['DATABASE_PATH']}`;
  const { hostname, port, pathname } = new URL(environment['DATABASE_URL']!);
  return `PostgreSQL at ${hostname}:${port || '5432'}${pathname}`;
}
