import { PasswordHasher } from '../src/auth/password-hasher';
import { leastOf } from './support/least-of';
import { RawConnection, parseResponses, rawGet, rawPost } from './support/raw-connection';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';

/** As `printf … | nc -N` does. */
describe('a client that ends its side of the connection after its request', () => {
  const app = TestApp.forSuite();

  afterEach(() => jest.restoreAllMocks());

  function sendAndEnd(request: string): RawConnection {
    const connection = RawConnection.open(app.api.url, { allowHalfOpen: true });
    connection.send(request);
    connection.socket.end();
    return connection;
  }

  async function statusesOf(connection: RawConnection): Promise<number[]> {
    await connection.closed();
    return parseResponses(connection.received).map(({ status }) => status);
  }

  it('receives its response, also when many connections are opened together', async () => {
    const connections = Array.from({ length: 50 }, () => sendAndEnd(rawGet()));
    for (const connection of connections) expect(await statusesOf(connection)).toEqual([200]);
  });

  it('receives the responses to all its requests', async () => {
    expect(await statusesOf(sendAndEnd(rawGet().repeat(3)))).toEqual([200, 200, 200]);
  });

  it('receives the response to an order', async () => {
    const user = await app.api.signUp();
    const order = '{"product_name":"Laptop","amount":1}';
    const connection = sendAndEnd(
      `POST /orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${user.token}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${order.length}\r\n\r\n${order}`,
    );
    expect(await statusesOf(connection)).toEqual([201]);
  });

  it('is not served for more than a second', async () => {
    let decide = (_matches: boolean): void => undefined;
    const held = new Promise<boolean>((resolve) => (decide = resolve));
    const hasher = app.nest.get(PasswordHasher);
    const matches = jest.spyOn(hasher, 'matches').mockReturnValueOnce(held);
    const login = JSON.stringify({ email: 'nobody@example.com', password: 'wrong horse' });
    const connection = sendAndEnd(rawPost(`Content-Length: ${login.length}`, login));
    await waitUntil(() => matches.mock.calls.length > 0, { description: 'the login to begin' });
    expect(connection.isClosed).toBe(false);
    expect(await statusesOf(connection)).toEqual([]);
    decide(false);
  });

  it('receives a problem when its request is not complete', async () => {
    const connection = sendAndEnd('GET / HTTP/1.1\r\nHost: localhost\r\n');
    expect(await statusesOf(connection)).toEqual([400]);
  });

  it('does not wait after a problem', async () => {
    const measure = async () => {
      const startedAt = performance.now();
      const connection = sendAndEnd(rawPost('Transfer-Encoding: chunked', 'z\r\n'));
      expect(await statusesOf(connection)).toEqual([400]);
      return performance.now() - startedAt;
    };
    expect(await leastOf(700, measure)).toBeLessThan(700);
  });
});
