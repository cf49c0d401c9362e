import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { TcpProxy } from './tcp-proxy';

/** The server of the tests; keys without the prefix of a test are not changed. */
const SERVER_URL = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379';

/** A key prefix in Redis for one test, behind a proxy that can fail. */
export class TestRedis {
  private readonly keyPrefix = `test-${randomUUID()}:`;

  private constructor(readonly proxy: TcpProxy) {}

  static async start(): Promise<TestRedis> {
    const { hostname, port } = new URL(SERVER_URL);
    return new TestRedis(await TcpProxy.start({ host: hostname, port: Number(port || 6379) }));
  }

  /** The value of `REDIS_URL`. */
  get url(): string {
    const url = new URL(SERVER_URL);
    url.hostname = '127.0.0.1';
    url.port = String(this.proxy.port);
    url.searchParams.set('keyPrefix', this.keyPrefix);
    return url.href;
  }

  /** The same URL with a password that Redis rejects. */
  urlWithPassword(password: string): string {
    const url = new URL(this.url);
    url.username = 'nobody';
    url.password = password;
    return url.href;
  }

  /** The entries that this test has written. */
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
