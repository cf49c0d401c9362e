import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ServerFleet } from './support/server-fleet';

/** `npm run test:clients` tries more, which are downloaded for that. */
const GENERATORS = process.env['GENERATORS'] ?? '@hey-api/openapi-ts';

const TRY = join(__dirname, 'generated-clients', 'try.mjs');

describe('A client generated from openapi.json', () => {
  let fleet: ServerFleet;

  beforeAll(async () => {
    fleet = await ServerFleet.create({ PROCESSING_ENABLED: 'false' });
  });

  afterAll(() => fleet.dispose());

  it.each(GENERATORS.split(','))(
    'by %s compiles in strict mode, and takes a user from registering to a cancelled order',
    async (generator) => {
      const { api } = await fleet.start();
      const run = promisify(execFile)(process.execPath, [TRY, generator, api.url]);
      const { stdout } = await run;
      expect(JSON.parse(stdout)).toMatchObject({
        amount: 999.99,
        status: 'cancelled',
        cancel_reason: 'Ordered twice',
      });
    },
    300_000,
  );
});
