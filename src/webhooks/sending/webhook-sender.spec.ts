import { execFileSync, spawn } from 'node:child_process';
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type RequestListener, type Server, createServer, globalAgent } from 'node:http';
import { createServer as createHttpsServer, globalAgent as globalHttpsAgent } from 'node:https';
import {
  type AddressInfo,
  Socket,
  type Server as TcpServer,
  connect,
  createServer as createTcp,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repeatIfStalled } from '../../../test/support/repeat-if-stalled';
import { waitUntil } from '../../../test/support/wait-until';
import { AddressResolver, UnresolvedHostError } from './address-resolver';
import { ReachableAddresses } from './reachable-addresses';
import { WebhookAgents } from './webhook-agents';
import { WebhookSender } from './webhook-sender';

const LOOPBACK: LookupAddress = { address: '127.0.0.1', family: 4 };
const METADATA: LookupAddress = { address: '169.254.169.254', family: 4 };

interface Peer {
  _getpeername: () => object;
}

/** DNS as a test scripts it. */
class ScriptedResolver extends AddressResolver {
  lookups = 0;
  script: (lookup: number) => LookupAddress[] = () => [LOOPBACK];

  override resolve(host: string): Promise<LookupAddress[]> {
    const addresses = this.script(++this.lookups);
    return addresses.length > 0
      ? Promise.resolve(addresses)
      : Promise.reject(new UnresolvedHostError(host));
  }
}

describe('WebhookSender', () => {
  const servers: TcpServer[] = [];
  const agents: WebhookAgents[] = [];
  let resolver: ScriptedResolver;

  beforeEach(() => (resolver = new ScriptedResolver()));

  afterEach(async () => {
    for (const agent of agents.splice(0)) agent.destroy();
    await Promise.all(
      servers.splice(0).map((server) => {
        (server as Partial<Server>).closeAllConnections?.();
        return new Promise((resolve) => server.close(resolve));
      }),
    );
  });

  const listen = async (server: TcpServer) => {
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };

  const serve = (listener: RequestListener) => listen(createServer(listener));

  /** A server that sends whatever bytes it likes. */
  const serveRaw = (onRequest: (write: (bytes: string) => boolean, close: () => void) => void) =>
    listen(
      createTcp((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () =>
          onRequest(
            (bytes) => socket.writable && socket.write(bytes),
            () => socket.destroy(),
          ),
        );
      }),
    );

  const createSender = ({
    reachable = new ReachableAddresses(['127.0.0.0/8']),
    timeoutMs = 15_000,
    connectTimeoutMs = 5_000,
    ca = undefined as Buffer | undefined,
  } = {}) => {
    const agent = new WebhookAgents(reachable, resolver, ca ? { ca } : {});
    agents.push(agent);
    return new WebhookSender(reachable, agent, { timeoutMs, connectTimeoutMs });
  };

  const request = (url: string) => ({
    url,
    headers: { 'webhook-id': 'evt_1_1' },
    body: '{"é":1}',
    clockOffsetMs: Date.now() - performance.now(),
  });

  it('sends the headers and the body, and reports the status', async () => {
    let received: unknown;
    const port = await serve((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const { method, url, headers } = incoming;
        received = { method, url, headers, body: Buffer.concat(chunks).toString() };
        response.writeHead(204).end();
      });
    });
    const result = await createSender().send(request(`http://hooks.test:${port}/a?b=c`));
    expect(result).toEqual({ failure: null, status: 204, durationMs: expect.any(Number) });
    expect(received).toMatchObject({
      method: 'POST',
      url: '/a?b=c',
      headers: { host: `hooks.test:${port}`, 'content-length': '8', 'webhook-id': 'evt_1_1' },
      body: '{"é":1}',
    });
  });

  it.each([
    [200, null],
    [202, null],
    [299, null],
    [400, 'http_status'],
    [404, 'http_status'],
    [410, 'http_status'],
    [429, 'http_status'],
    [500, 'http_status'],
    [304, 'redirect'],
  ])('reports %s as %s', async (status, failure) => {
    const port = await serve((_, response) => response.writeHead(status).end());
    const result = await createSender().send(request(`http://hooks.test:${port}`));
    expect(result).toMatchObject({ failure, status });
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect: %s', async (status) => {
    let followed = 0;
    const target = await serve((_, response) => (followed++, response.end()));
    const port = await serve((_, response) =>
      response.writeHead(status, { location: `http://127.0.0.1:${target}/` }).end(),
    );
    const result = await createSender().send(request(`http://hooks.test:${port}`));
    expect(result).toMatchObject({ failure: 'redirect', status });
    expect(followed).toBe(0);
  });

  it('reads Retry-After', async () => {
    const port = await serve((_, response) =>
      response.writeHead(503, { 'Retry-After': '120' }).end(),
    );
    const result = await createSender().send(request(`http://hooks.test:${port}`));
    expect(result).toMatchObject({ status: 503, retryAfterSeconds: 120 });
  });

  it('reads the date of a Retry-After by the clock of the database', async () => {
    const ahead = 10 * 60_000;
    const date = new Date(Date.now() + ahead + 120_000).toUTCString();
    const port = await serve((_, response) =>
      response.writeHead(503, { 'Retry-After': date }).end(),
    );
    const sent = request(`http://hooks.test:${port}`);
    const result = await createSender().send({
      ...sent,
      clockOffsetMs: sent.clockOffsetMs + ahead,
    });
    expect(result!.retryAfterSeconds).toBeGreaterThan(110);
    expect(result!.retryAfterSeconds).toBeLessThanOrEqual(120);
  });

  /** Connecting takes a second, half the time limit of an address. */
  const sendToDistantHost = async () => {
    // Its queue of connections is full until it goes on after 0.4 s.
    const script = `
      const server = require('node:net').createServer((socket) =>
        socket.on('error', () => {}).on('data', () => socket.end('HTTP/1.1 204 No Content\\r\\n\\r\\n')));
      server.listen({ port: 0, host: '127.0.0.2', backlog: 1 }, () =>
        process.stdout.write(String(server.address().port), () =>
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)));`;
    const distant = spawn(process.execPath, ['-e', script]);
    const sockets: Socket[] = [];
    try {
      const [port] = (await once(distant.stdout, 'data')) as [Buffer];
      for (let n = 0; n < 4; n++) {
        const socket = connect(Number(port), '127.0.0.2');
        sockets.push(socket.on('error', () => undefined));
      }
      await once(sockets[0]!, 'connect');
      // They would take the places of the queue before the sender does.
      for (const socket of sockets.splice(2)) socket.destroy();
      resolver.script = () => [
        { address: '127.0.0.2', family: 4 },
        { address: '::1', family: 6 },
      ];
      const reachable = new ReachableAddresses(['127.0.0.0/8', '::1']);
      const sender = createSender({ reachable });
      return await sender.send(request(`http://hooks.test:${Number(port)}/`));
    } finally {
      for (const socket of sockets) socket.destroy();
      distant.kill();
    }
  };

  it(
    'waits for the connection to a distant host, of which other addresses cannot be reached',
    () =>
      repeatIfStalled(async () => {
        expect(await sendToDistantHost()).toMatchObject({ failure: null, status: 204 });
      }),
    60_000,
  );

  it('reports a connection that is reset as it opens as lost', async () => {
    const port = await serve((_, response) => response.writeHead(204).end());
    // As Node does when it cannot read the address of the peer.
    jest.spyOn(Socket.prototype as unknown as Peer, '_getpeername').mockReturnValue({});
    const result = await createSender().send(request(`http://hooks.test:${port}/`));
    jest.restoreAllMocks();
    expect(result).toMatchObject({ failure: 'connection_lost', status: null });
  });

  describe('where requests may go', () => {
    const expectForbidden = async (url: string, reachable?: ReachableAddresses) => {
      let connections = 0;
      for (const server of servers) server.on('connection', () => connections++);
      const result = await createSender({ ...(reachable && { reachable }) }).send(request(url));
      expect(result).toMatchObject({ failure: 'forbidden_address', status: null });
      expect(connections).toBe(0);
    };

    it('does not connect to an IP literal that is forbidden', async () => {
      const port = await serve((_, response) => response.end());
      await expectForbidden(`https://127.0.0.1:${port}/`, new ReachableAddresses([]));
      await expectForbidden(`https://2130706433:${port}/`, new ReachableAddresses([]));
      expect(resolver.lookups).toBe(0);
    });

    it('does not connect to a host with a forbidden address', async () => {
      const port = await serve((_, response) => response.end());
      await expectForbidden(`https://hooks.test:${port}/`, new ReachableAddresses([]));
      expect(resolver.lookups).toBe(1);
    });

    it.each([
      ['last', [LOOPBACK, METADATA]],
      ['first', [METADATA, LOOPBACK]],
    ])('does not connect when the %s of several addresses is forbidden', async (_, addresses) => {
      const port = await serve((_request, response) => response.end());
      resolver.script = () => addresses;
      await expectForbidden(`http://hooks.test:${port}/`);
      expect(resolver.lookups).toBe(1);
    });

    it('does not connect without encryption to an address of the internet', async () => {
      resolver.script = () => [{ address: '8.8.8.8', family: 4 }];
      await expectForbidden('http://hooks.test:8080/');
      expect(resolver.lookups).toBe(1);
    });

    it('checks the addresses of each connection, so a host that is rebound is not reached', async () => {
      const port = await serve((_, response) => {
        response.writeHead(200, { connection: 'close' }).end();
      });
      resolver.script = (lookup) => [lookup === 1 ? LOOPBACK : METADATA];
      const sender = createSender();
      const url = `http://hooks.test:${port}/`;
      expect(await sender.send(request(url))).toMatchObject({ status: 200 });
      expect(await sender.send(request(url))).toMatchObject({ failure: 'forbidden_address' });
    });

    it('looks up a host once per connection: the checked address is the one that is used', async () => {
      const port = await serve((_, response) => response.end());
      resolver.script = (lookup) => [lookup === 1 ? LOOPBACK : METADATA];
      const result = await createSender().send(request(`http://hooks.test:${port}/`));
      expect(result).toMatchObject({ status: 200 });
      expect(resolver.lookups).toBe(1);
    });

    it('checks the address of the connection itself', async () => {
      let requests = 0;
      const port = await serve((_, response) => (requests++, response.end()));
      const reachable = new ReachableAddresses(['127.0.0.0/8']);
      let checks = 0;
      // The lookup passes, as if it had been circumvented.
      jest.spyOn(reachable, 'include').mockImplementation(() => ++checks === 1);
      const result = await createSender({ reachable }).send(request(`http://hooks.test:${port}/`));
      expect(result).toMatchObject({ failure: 'forbidden_address' });
      expect(checks).toBe(2);
      expect(requests).toBe(0);
    });
  });

  it('uses no proxy: not the global agents, which alone read the variables for proxies', async () => {
    const port = await serve((_, response) => response.writeHead(204).end());
    const connects = [globalAgent, globalHttpsAgent].map((agent) =>
      jest.spyOn(agent, 'createConnection'),
    );
    const sender = createSender();
    const results = [
      await sender.send(request(`http://hooks.test:${port}/`)),
      await sender.send(request(`https://hooks.test:${port}/`)),
    ];
    expect(results).toMatchObject([{ status: 204 }, { failure: 'tls_failed' }]);
    for (const connect of connects) expect(connect).not.toHaveBeenCalled();
  });

  describe('faulty endpoints', () => {
    it('reports a host without addresses', async () => {
      resolver.script = () => [];
      const result = await createSender().send(request('https://hooks.test/'));
      expect(result).toMatchObject({ failure: 'unresolved', status: null });
    });

    it('reports a refused connection', async () => {
      const port = await serve(() => undefined);
      await new Promise((resolve) => servers.pop()!.close(resolve));
      const result = await createSender().send(request(`http://hooks.test:${port}/`));
      expect(result).toMatchObject({ failure: 'connect_failed' });
    });

    it('does not wait for a name server that does not respond', async () => {
      jest.spyOn(resolver, 'resolve').mockReturnValue(new Promise(() => undefined));
      const sender = createSender({ connectTimeoutMs: 100 });
      const result = await sender.send(request('https://hooks.test/'));
      expect(result).toMatchObject({ failure: 'connect_timeout' });
    });

    it('does not wait for one that never responds', async () => {
      const port = await serve(() => undefined);
      const result = await createSender({ timeoutMs: 200 }).send(request(`http://a.test:${port}/`));
      expect(result).toMatchObject({ failure: 'timeout', status: null });
      expect(result!.durationMs).toBeLessThan(10_000);
    });

    it('does not wait for one that sends a byte at a time', async () => {
      const timers: NodeJS.Timeout[] = [];
      const port = await serve((_, response) => {
        response.writeHead(200);
        timers.push(setInterval(() => response.write('x'), 20));
      });
      const result = await createSender({ timeoutMs: 300 }).send(request(`http://a.test:${port}/`));
      timers.forEach(clearInterval);
      expect(result).toMatchObject({ failure: 'timeout' });
    });

    it('does not wait for one that sends informational responses again and again', async () => {
      const timers: NodeJS.Timeout[] = [];
      const port = await serveRaw((write) => {
        timers.push(setInterval(() => write('HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n'), 1));
      });
      const result = await createSender().send(request(`http://a.test:${port}/`));
      timers.forEach(clearInterval);
      expect(result).toMatchObject({ failure: 'invalid_response', status: null });
    });

    it('accepts a response after informational ones', async () => {
      const port = await serveRaw((write) => {
        write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n');
        write('HTTP/1.1 204 No Content\r\n\r\n');
      });
      const result = await createSender().send(request(`http://a.test:${port}/`));
      expect(result).toMatchObject({ failure: null, status: 204 });
    });

    it('does not wait for one that drips headers', async () => {
      const timers: NodeJS.Timeout[] = [];
      const port = await serveRaw((write) => {
        write('HTTP/1.1 200 OK\r\n');
        timers.push(setInterval(() => write('x-a: b\r\n'), 20));
      });
      const result = await createSender({ timeoutMs: 300 }).send(request(`http://a.test:${port}/`));
      timers.forEach(clearInterval);
      expect(result).toMatchObject({ failure: 'timeout' });
    });

    it('reads at most 16 KB of a body that never ends, and closes the connection', async () => {
      let sent = 0;
      let isClosed = false;
      const port = await serve((_, response) => {
        response.writeHead(200);
        const chunk = Buffer.alloc(64 * 1_024, 'x');
        const write = () => {
          while (!response.destroyed && response.write(chunk)) sent += chunk.length;
        };
        response.on('drain', write);
        response.on('close', () => (isClosed = true));
        write();
      });
      const result = await createSender().send(request(`http://a.test:${port}/`));
      expect(result).toMatchObject({ failure: null, status: 200 });
      await waitUntil(() => isClosed);
      expect(sent).toBeLessThan(10 * 1_024 * 1_024); // what the buffers of the kernel accept
    });

    it('reports headers that are too large', async () => {
      const port = await serveRaw((write) => {
        write(`HTTP/1.1 200 OK\r\nx-a: ${'b'.repeat(40_000)}\r\n\r\n`);
      });
      const result = await createSender().send(request(`http://a.test:${port}/`));
      expect(result).toMatchObject({ failure: 'invalid_response' });
    });

    it('reports a response that is not HTTP', async () => {
      const port = await serveRaw((write) => write('220 smtp.example.com ESMTP\r\n'));
      const result = await createSender().send(request(`http://a.test:${port}/`));
      expect(result).toMatchObject({ failure: 'invalid_response' });
    });

    it('reports a connection that is closed before and during the response', async () => {
      const before = await serveRaw((_write, close) => close());
      const during = await serveRaw((write, close) => {
        write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf');
        setTimeout(close, 20);
      });
      for (const port of [before, during]) {
        const result = await createSender().send(request(`http://a.test:${port}/`));
        expect(result).toMatchObject({ failure: 'connection_lost' });
      }
    });

    it('ends without a result when it is aborted, before and while it waits', async () => {
      const port = await serve(() => undefined);
      const sender = createSender();
      const abort = new AbortController();
      const sending = sender.send(request(`http://a.test:${port}/`), abort.signal);
      setTimeout(() => abort.abort(), 50);
      expect(await sending).toBeUndefined();
      expect(await sender.send(request(`http://a.test:${port}/`), abort.signal)).toBeUndefined();
    });
  });

  describe('connections', () => {
    it('are used again', async () => {
      let connections = 0;
      const port = await serve((_, response) => response.end('ok'));
      servers[0]!.on('connection', () => connections++);
      const sender = createSender();
      for (let n = 0; n < 5; n++) await sender.send(request(`http://a.test:${port}/`));
      expect(connections).toBe(1);
      expect(resolver.lookups).toBe(1);
    });

    it('are opened again when the server has closed an idle one, without a failure', async () => {
      let requests = 0;
      const port = await serve((incoming, response) => {
        requests++;
        // Closed as the next request arrives, without a response.
        incoming.socket.removeAllListeners('data');
        incoming.socket.once('data', () => incoming.socket.resetAndDestroy());
        response.end('ok');
      });
      const sender = createSender();
      for (let n = 0; n < 3; n++) {
        const result = await sender.send(request(`http://a.test:${port}/`));
        expect(result).toMatchObject({ failure: null, status: 200 });
      }
      expect(requests).toBe(3);
    });
  });

  describe('certificates', () => {
    const folder = mkdtempSync(join(tmpdir(), 'webhook-tls-'));
    const files = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') };

    beforeAll(() => {
      const subject = ['-subj', '/CN=hooks.test', '-addext', 'subjectAltName=DNS:hooks.test'];
      const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
      const output = ['-keyout', files.key, '-out', files.cert, '-days', '2'];
      execFileSync('openssl', ['req', '-x509', ...kind, ...subject, ...output], {
        stdio: 'ignore',
      });
    });

    afterAll(() => rmSync(folder, { recursive: true }));

    const serveHttps = () => {
      const options = { key: readFileSync(files.key), cert: readFileSync(files.cert) };
      return listen(createHttpsServer(options, (_, response) => response.writeHead(204).end()));
    };

    it('are verified', async () => {
      const port = await serveHttps();
      const ca = readFileSync(files.cert);
      const send = (host: string, trusted?: Buffer) =>
        createSender({ ca: trusted }).send(request(`https://${host}:${port}/`));
      expect(await send('hooks.test', ca)).toMatchObject({ failure: null, status: 204 });
      expect(await send('hooks.test')).toMatchObject({ failure: 'tls_failed', status: null });
      expect(await send('other.test', ca)).toMatchObject({ failure: 'tls_failed', status: null });
    });

    it('are awaited for as long as a connection is', async () => {
      const port = await listen(
        createTcp((socket) => void socket.on('error', () => undefined).resume()),
      );
      const sender = createSender({ connectTimeoutMs: 100 });
      const result = await sender.send(request(`https://hooks.test:${port}/`));
      expect(result).toMatchObject({ failure: 'connect_timeout' });
    });
  });
});
