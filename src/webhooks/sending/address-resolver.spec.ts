import { type Socket, createSocket } from 'node:dgram';
import dns from 'node:dns';
import dnsPromises, { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { AddressResolver, UnresolvedHostError } from './address-resolver';

/** The types of DNS records (RFC 1035, RFC 3596). */
const [A, AAAA] = [1, 28];

/** Asks the name servers of a test. */
class LocalResolver extends AddressResolver {
  constructor(private readonly servers: readonly string[]) {
    super();
  }

  protected override createResolver(): Resolver {
    const resolver = super.createResolver();
    resolver.setServers(this.servers);
    return resolver;
  }
}

describe('AddressResolver', () => {
  const sockets: Socket[] = [];

  afterEach(() => {
    jest.restoreAllMocks();
    for (const socket of sockets.splice(0)) socket.close();
  });

  /** A name server that never responds. */
  const startSilent = async () => {
    let queries = 0;
    const socket = createSocket('udp4', () => queries++);
    sockets.push(socket);
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return { server: `127.0.0.1:${socket.address().port}`, queries: () => queries };
  };

  it('gives up after four seconds when no name server responds, without the threads of dns.lookup', async () => {
    const lookups = [jest.spyOn(dns, 'lookup'), jest.spyOn(dnsPromises, 'lookup')];
    const silent = [await startSilent(), await startSilent(), await startSilent()];
    const resolver = new LocalResolver(silent.map(({ server }) => server));
    const startedAt = performance.now();
    await expect(resolver.resolve('hooks.test')).rejects.toThrow(UnresolvedHostError);
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(3_000);
    expect(tookMs).toBeLessThan(10_000);
    expect(silent[0]!.queries()).toBeGreaterThan(0);
    // `createSocket` also calls it, for 127.0.0.1.
    const lookedUp = lookups.flatMap(({ mock }) => mock.calls.map(([host]) => host));
    expect(lookedUp).not.toContain('hooks.test');
  }, 30_000);

  it('does not wait for addresses of one family when those of the other are known', async () => {
    // Responds to queries for A, and drops those for AAAA.
    const socket = createSocket('udp4', (query, { port, address }) => {
      const question = query.subarray(12, query.indexOf(0, 12) + 5);
      if (question.at(-3) === AAAA) return;
      const header = Buffer.from([...query.subarray(0, 2), 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
      const answer = Buffer.from([0xc0, 12, 0, A, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]);
      socket.send(Buffer.concat([header, question, answer]), port, address);
    });
    sockets.push(socket);
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const resolver = new LocalResolver([`127.0.0.1:${socket.address().port}`]);
    const startedAt = performance.now();
    expect(await resolver.resolve('hooks.test')).toEqual([{ address: '192.0.2.1', family: 4 }]);
    expect(performance.now() - startedAt).toBeLessThan(3_800);
  });

  it('resolves localhost without DNS', async () => {
    const silent = await startSilent();
    const resolver = new LocalResolver([silent.server]);
    for (const host of ['localhost', 'localhost.', 'a.localhost']) {
      expect(await resolver.resolve(host)).toEqual([{ address: '127.0.0.1', family: 4 }]);
    }
    expect(silent.queries()).toBe(0);
  });
});
