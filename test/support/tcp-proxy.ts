import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

interface Link {
  readonly inbound: Socket;
  readonly outbound: Socket | undefined;
  /** Its bytes are dropped. It stays dead, because the dropped bytes are not sent again. */
  isDead: boolean;
}

/** A TCP proxy that simulates faults of the network. */
export class TcpProxy {
  private readonly links = new Set<Link>();
  private server: Server | undefined;
  private isBlackHole = false;
  private accepted = 0;
  private delayMs = 0;
  private coalesceMs = 0;

  private constructor(
    private readonly target: { readonly host: string; readonly port: number },
    private listeningPort: number,
  ) {}

  /** Listens on a free port of 127.0.0.1, and forwards to the target. */
  static async start(target: { host: string; port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy(target, 0);
    await proxy.listen();
    return proxy;
  }

  get port(): number {
    return this.listeningPort;
  }

  /** The number of connections that were accepted so far. */
  get connections(): number {
    return this.accepted;
  }

  /** Ends the fault. Connections that lost no bytes work again. */
  async forward(): Promise<void> {
    this.isBlackHole = false;
    this.delayMs = 0;
    this.coalesceMs = 0;
    await this.listen();
  }

  /** Cuts all connections and refuses new ones, as if the target had stopped. */
  async refuse(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    const closed = server ? once(server, 'close') : undefined;
    server?.close();
    this.cut();
    await closed;
  }

  /** Drops all bytes but keeps connections open, like a firewall that drops packets. */
  swallow(): void {
    this.isBlackHole = true;
    for (const link of this.links) link.isDead = true;
  }

  /** Delays the bytes to the target. */
  slowDown(delayMs: number): void {
    this.delayMs = delayMs;
  }

  /** Delivers the bytes that the target sends within this time at once. */
  coalesce(milliseconds: number): void {
    this.coalesceMs = milliseconds;
  }

  async close(): Promise<void> {
    await this.refuse();
  }

  private async listen(): Promise<void> {
    if (this.server) return;
    const server = createServer((inbound) => this.accept(inbound));
    this.server = server;
    server.listen(this.listeningPort, '127.0.0.1');
    await once(server, 'listening');
    this.listeningPort = (server.address() as AddressInfo).port;
  }

  private accept(inbound: Socket): void {
    this.accepted++;
    const outbound = this.isBlackHole ? undefined : connect(this.target);
    const link: Link = { inbound, outbound, isDead: this.isBlackHole };
    this.links.add(link);
    const end = () => {
      inbound.destroy();
      outbound?.destroy();
      this.links.delete(link);
    };
    for (const socket of [inbound, outbound]) socket?.setNoDelay(true).on('error', end);
    // Not when the target closes: its last bytes may still be under way.
    inbound.on('close', end);
    void this.carry(link, inbound, outbound);
    if (outbound) void this.carryBack(link, outbound, inbound);
  }

  private async carry(link: Link, from: Socket, to: Socket | undefined): Promise<void> {
    try {
      for await (const bytes of from) {
        if (this.delayMs > 0) await delay(this.delayMs);
        if (!link.isDead) to?.write(bytes as Buffer);
      }
      if (!link.isDead) to?.end();
    } catch {
      // The connection was cut, and `accept` destroys its other half.
    }
  }

  private async carryBack(link: Link, from: Socket, to: Socket): Promise<void> {
    const pending: Buffer[] = [];
    const deliver = () => {
      const bytes = Buffer.concat(pending.splice(0));
      if (!link.isDead && bytes.length > 0) to.write(bytes);
    };
    try {
      for await (const bytes of from) {
        pending.push(bytes as Buffer);
        if (this.coalesceMs === 0) deliver();
        else if (pending.length === 1) setTimeout(deliver, this.coalesceMs);
      }
      deliver();
      if (!link.isDead) to.end();
    } catch {
      // As above.
    }
  }

  private cut(): void {
    for (const { inbound, outbound } of this.links) {
      inbound.resetAndDestroy();
      outbound?.resetAndDestroy();
    }
  }
}
