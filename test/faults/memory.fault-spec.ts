import { readFileSync } from 'node:fs';
import { note } from '../support/fault-settings';
import { RawConnection } from '../support/raw-connection';
import { ServerFleet } from '../support/server-fleet';
import { waitUntil } from '../support/wait-until';

const CONNECTIONS = 60;
const PIPELINED = 99;

/** How long others are served meanwhile; without a bound the heap was full after seven seconds. */
const ATTACK_MS = 8_000;

const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

describeOnLinux('Requests whose responses nobody reads', () => {
  let fleet: ServerFleet;

  afterEach(() => fleet.dispose());

  it.each([
    ['2,900 tiny headers', 'a:\r\n'.repeat(2_900), 200],
    ['90 headers of 170 bytes', `${'a'.repeat(8)}: ${'x'.repeat(158)}\r\n`.repeat(90), 200],
  ])(
    'fault 28: with %s take bounded memory, and others are served',
    async (name, headers, limit) => {
      fleet = await ServerFleet.create({ NODE_OPTIONS: '--max-old-space-size=512' });
      const server = await fleet.start();
      const megabytes = () => {
        const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
        return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) / 1024;
      };
      await server.api.get('/').expect(200);
      const before = megabytes();
      const request = `GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: a\r\n${headers}\r\n`;
      const attackers = Array.from({ length: CONNECTIONS }, () => {
        const connection = RawConnection.open(server.api.url);
        connection.socket.pause();
        connection.send(request.repeat(PIPELINED));
        return connection;
      });

      let most = before;
      const end = performance.now() + ATTACK_MS;
      while (performance.now() < end) {
        const start = performance.now();
        await server.api.get('/health/live').expect(200);
        expect(performance.now() - start).toBeLessThan(10_000);
        most = Math.max(most, megabytes());
      }
      note(`${name}: ${Math.round(before)} MB before, at most ${Math.round(most)} MB`);
      expect(most - before).toBeLessThan(limit);
      for (const { socket } of attackers) socket.resetAndDestroy();
      await waitUntil(() => attackers.every(({ isClosed }) => isClosed));
      expect(server.process.hasExited).toBe(false);
    },
  );
});
