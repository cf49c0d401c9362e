import { note } from '../../support/fault-settings';
import { RawConnection } from '../../support/raw-connection';
import { describeOnLinux, megabytesOf } from '../../support/resident-memory';
import { ServerFleet } from '../../support/server-fleet';
import { waitUntil } from '../../support/wait-until';

const CONNECTIONS = 60;
const PIPELINED = 99;

/** How long others are served meanwhile; without a bound the heap was full after seven seconds. */
const ATTACK_MS = 8_000;

/** A body of one-byte chunks has no end, and six bytes are sent for each of its bytes. */
const POST =
  'POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
const CHUNK = '1\r\n \r\n';

/** In MB. An idle server takes 115, and the heap of a busy one 50 more. */
const MAX_BESIDE_CHUNKS = 215;
const MAX_BESIDE_UNREAD_RESPONSES = 300;

describeOnLinux('Requests whose responses are not read', () => {
  const fleet = ServerFleet.forEachTest({ NODE_OPTIONS: '--max-old-space-size=512' });

  it.each([
    ['2,900 tiny headers', 'a:\r\n'.repeat(2_900), 200],
    ['90 headers of 170 bytes', `${'a'.repeat(8)}: ${'x'.repeat(158)}\r\n`.repeat(90), 200],
  ])(
    'fault 28: with %s take bounded memory, and others are served',
    async (name, headers, limit) => {
      const server = await fleet.start();
      const megabytes = () => megabytesOf(server);
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

describeOnLinux('Bodies in chunks of one byte', () => {
  // New objects may take 48 MB on Node.js 20, and 192 MB on 24 unless its limit is the one of 20.
  const fleet = ServerFleet.forEachTest({
    NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=16',
  });

  const unread = 'GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20);
  it.each([
    ['100,000 chunks on 40 connections', 40, POST, 100_000],
    ['65,536 chunks on 120 connections', 120, POST, 65_536],
    ['4,900 chunks on 120 connections', 120, POST, 4_900],
    ['4,900 chunks on 120 connections, behind unread responses', 120, unread + POST, 4_900],
  ])(
    'fault 40: of %s take bounded memory, and others are served',
    async (name, connections, head, chunks) => {
      const server = await fleet.start();
      await server.api.get('/').expect(200);
      const before = megabytesOf(server);
      const attackers = Array.from({ length: connections }, () => {
        const connection = RawConnection.open(server.api.url);
        if (head !== POST) connection.socket.pause();
        connection.send(head + CHUNK.repeat(chunks));
        return connection;
      });

      let most = before;
      const end = performance.now() + ATTACK_MS;
      while (performance.now() < end) {
        await server.api.get('/health/live').expect(200);
        most = Math.max(most, megabytesOf(server));
      }
      note(`${name}: ${Math.round(before)} MB before, at most ${Math.round(most)} MB`);
      expect(most).toBeLessThan(head === POST ? MAX_BESIDE_CHUNKS : MAX_BESIDE_UNREAD_RESPONSES);
      for (const { socket } of attackers) socket.resetAndDestroy();
      await waitUntil(() => attackers.every(({ isClosed }) => isClosed));
      expect(server.process.hasExited).toBe(false);
    },
  );
});
