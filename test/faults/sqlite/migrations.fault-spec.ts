import { BuildProcess, createFolder } from '../../support/server-process';

const PROCESSES = 4;

describe('processes that migrate one SQLite file at the same time', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>;
  let processes: BuildProcess[] = [];

  beforeEach(async () => {
    folder = await createFolder();
  });

  afterEach(async () => {
    for (const started of processes) started.kill('SIGKILL');
    await folder.remove();
  });

  const run = async (command: string, count = 1) => {
    processes = Array.from(
      { length: count },
      () => new BuildProcess('database/migrations-cli.js', folder.path, {}, [command]),
    );
    const exits = await Promise.all(processes.map(({ exit }) => exit));
    return { exits, output: processes.map(({ output }) => output.join('\n')) };
  };

  it('fault 30: take turns, so that each migration runs once and none fails', async () => {
    const { exits, output } = await run('run', PROCESSES);
    expect(exits).toEqual(Array.from({ length: PROCESSES }, () => ({ code: 0, signal: null })));
    const migrated = output.filter((lines) => lines.includes('Migrations run: '));
    expect(migrated).toHaveLength(1);

    const shown = await run('show');
    expect(shown.exits).toEqual([{ code: 0, signal: null }]);
    expect(shown.output.join('\n')).not.toContain('[ ]');
  });
});
