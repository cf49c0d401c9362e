import request, { type Response, type Test } from 'supertest';
import type { TokenResponse } from '../../src/auth/auth.dto';
import type { OrderHistoryEntryResponse, OrderResponse } from '../../src/orders/order.dto';
import { expectDocumented } from './documented-responses';

let accounts = 0;

/** The password of every account that {@link ApiClient.signUp} registers. */
export const PASSWORD = 'correct horse';

/** A client of a user who is logged in. */
export type SignedUp = ApiClient & {
  readonly userId: number;
  readonly email: string;
  readonly refreshToken: string;
};

/**
 * An HTTP client of the API, anonymous or, after {@link ApiClient.signUp}, of a user. A request fails
 * when `openapi.json` does not describe its response.
 */
export class ApiClient {
  /** @param isExtended whether the application has modules of other teams */
  constructor(
    readonly url: string,
    readonly token?: string,
    private readonly isExtended = false,
  ) {}

  get(path: string): Test {
    return this.prepare(request(this.url).get(path));
  }

  post(path: string, body?: unknown): Test {
    return this.prepare(request(this.url).post(path)).send(body as object);
  }

  patch(path: string, body?: unknown): Test {
    return this.prepare(request(this.url).patch(path)).send(body as object);
  }

  delete(path: string): Test {
    return this.prepare(request(this.url).delete(path));
  }

  /** Sends a request with any method and an unmodified body. */
  raw(
    method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'options',
    path: string,
    body?: { type: string; content: string | Buffer },
  ): Test {
    const test = this.prepare(request(this.url)[method](path));
    // An identity serializer, because superagent would encode the string as JSON again.
    return body
      ? test
          .serialize((serialized: unknown) => serialized as string)
          .type(body.type)
          .send(body.content as string)
      : test;
  }

  withToken(token: string): ApiClient {
    return new ApiClient(this.url, token, this.isExtended);
  }

  /** Registers a new account, and logs in. */
  async signUp(): Promise<SignedUp> {
    const email = `user${++accounts}@example.com`;
    const registered = await this.post('/auth/register', {
      name: 'User',
      email,
      password: PASSWORD,
    });
    if (registered.status !== 201) throw new Error(`Could not register: ${registered.text}`);
    const { id } = registered.body as { id: number };
    const { access_token, refresh_token } = await this.logIn(email);
    return Object.assign(this.withToken(access_token), {
      userId: id,
      email,
      refreshToken: refresh_token,
    });
  }

  /** Starts a new session. */
  async logIn(email: string, password = PASSWORD): Promise<TokenResponse> {
    const response = await this.post('/auth/login', { email, password });
    if (response.status !== 200) throw new Error(`Could not log in: ${response.text}`);
    return response.body as TokenResponse;
  }

  /** Places an order, and fails when the order is rejected. */
  async placeOrder(
    order: object = { product_name: 'Laptop', amount: 999.99 },
  ): Promise<OrderResponse> {
    const response = await this.post('/orders', order).expect(201);
    return response.body as OrderResponse;
  }

  /** Places orders one after another, and returns their ids in this order. */
  async placeOrders(count: number): Promise<number[]> {
    const ids: number[] = [];
    for (let n = 0; n < count; n++) ids.push((await this.placeOrder()).id);
    return ids;
  }

  async order(id: number): Promise<OrderResponse> {
    return (await this.get(`/orders/${id}`).expect(200)).body as OrderResponse;
  }

  async history(id: number): Promise<OrderHistoryEntryResponse[]> {
    const response = await this.get(`/orders/${id}/history`).expect(200);
    return (response.body as { data: OrderHistoryEntryResponse[] }).data;
  }

  /** The statuses of an order since it was placed. */
  async path(id: number): Promise<string[]> {
    return (await this.history(id)).map(({ to }) => to);
  }

  private prepare(test: Test): Test {
    test.expect((response) => expectDocumented(response, this.isExtended));
    return this.token === undefined ? test : test.set('Authorization', `Bearer ${this.token}`);
  }
}

/** Checks that a response is a problem document with this status and code, without internals. */
export function expectProblem(response: Response, status: number, code: string): void {
  expect({ status: response.status, body: response.body as unknown }).toEqual({
    status,
    body: expect.objectContaining({
      type: `/problems/${code}`,
      title: expect.any(String) as string,
      status,
      code,
      detail: expect.any(String) as string,
      instance: expect.stringMatching(/^\//) as string,
      request_id: response.headers['x-request-id'],
    }) as object,
  });
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(response.text).not.toMatch(/\bat .+:\d+:\d+|SELECT |INSERT |UPDATE |node_modules/);
}
