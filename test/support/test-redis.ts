import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { TcpProxy } from './tcp-proxy';

/** The server that tests use; its keys of others are left alone. */
const SERVER_URL = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379';

/** A part of a Redis for one test, behind a network that can fail. */
export class TestRedis {
  private readonly keyPrefix = `test-${randomUUID()}:`;

  private constructor(readonly proxy: TcpProxy) {}

  static async start(): Promise<TestRedis> {
    const { hostname, port } = new URL(SERVER_URL);
    return new TestRedis(await TcpProxy.start({ host: hostname, port: Number(port || 6379) }));
  }

  /** Where the application finds it. */
  get url(): string {
    const url = new URL(SERVER_URL);
    url.hostname = '127.0.0.1';
    url.port = String(this.proxy.port);
    url.searchParams.set('keyPrefix', this.keyPrefix);
    return url.href;
  }

  /** The same with a password that Redis refuses. */
  urlWithPassword(password: string): string {
    const url = new URL(this.url);
    url.username = 'nobody';
    url.password = password;
    return url.href;
  }

  /** What was written by this test. */
  async entries(): Promise<{ key: string; type: string; ttlMs: number }[]> {
    return this.onServer(async (redis) => {
      const keys = await redis.keys(`${this.keyPrefix}*`);
      return Promise.all(
        keys.map(async (key) => ({
          key: key.slice(this.keyPrefix.length),
          type: await redis.type(key),
          ttlMs: await redis.pttl(key),
        })),
      );
    });
  }

  async stop(): Promise<void> {
    await this.proxy.close();
    await this.onServer(async (redis) => {
      const keys = await redis.keys(`${this.keyPrefix}*`);
      if (keys.length > 0) await redis.del(keys);
    });
  }

  private async onServer<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(SERVER_URL, { lazyConnect: true, retryStrategy: () => null });
    await redis.connect();
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }
}
