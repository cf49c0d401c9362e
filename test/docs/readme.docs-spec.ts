import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EVERY_SECOND, NEVER } from '../support/cron';
import { ServerProcess, createFolder } from '../support/server-process';
import { waitUntil } from '../support/wait-until';
import { codeBlocksOf } from './guide';

const blocks = codeBlocksOf(join(__dirname, '../../README.md'));
const [quickTest = [], secondOrder = []] = blocks
  .map(({ code }) => code.replaceAll('\\\n', '').trim().split('\n'))
  .filter(([first = '']) => first.startsWith('curl '));

describe('The quick test of the README', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>;
  let server: ServerProcess | undefined;
  let token = 'YOUR_TOKEN';

  beforeAll(async () => {
    folder = await createFolder();
  });

  afterEach(() => server?.stop());

  afterAll(() => folder.remove());

  const start = async (cron: string) => {
    server = await ServerProcess.start(folder.path, { LOG_FILE: '', PROCESSING_CRON: cron });
  };

  /** Runs a command as it is written, but for the address and the token. */
  async function send(command: string): Promise<Record<string, unknown>> {
    const adapted = command
      .replace('http://localhost:8000', server!.api.url)
      .replace('YOUR_TOKEN', token);
    const { stdout } = await promisify(execFile)('bash', ['-c', adapted]);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  it('registers, logs in, and places, lists and cancels an order', async () => {
    await start(NEVER); // an even minute would make the cancellation fail
    const [register = '', login = '', place = '', list = '', cancel = '', ...others] = quickTest;
    expect(others).toEqual([]);
    expect(await send(register)).toMatchObject({ email: 'john@example.com' });
    token = String((await send(login))['access_token']);
    expect(await send(place)).toMatchObject({ id: 1, status: 'pending' });
    expect(await send(list)).toMatchObject({ data: [{ id: 1 }] });
    expect(await send(cancel)).toMatchObject({ id: 1, status: 'cancelled' });
  });

  it('shows how the job completes a second order', async () => {
    await start(EVERY_SECOND);
    const [place = '', show = '', ...others] = secondOrder;
    expect(others).toEqual([]);
    expect(await send(place)).toMatchObject({ id: 2, status: 'pending' });
    await waitUntil(async () => (await send(show))['status'] === 'completed');
  });
});
