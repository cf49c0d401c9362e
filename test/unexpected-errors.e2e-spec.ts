import fs from 'node:fs';
import { OrderList } from '../src/orders/order-list';
import { type SignedUp, expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

describe('Unexpected errors', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;

  beforeAll(async () => {
    user = await app.api.signUp();
  });

  afterEach(() => jest.restoreAllMocks());

  it('are a generic 500, and are logged with their cause', async () => {
    const cause = new Error('password authentication failed');
    jest
      .spyOn(app.nest.get(OrderList), 'own')
      .mockRejectedValueOnce(new TypeError('Cannot read the secret', { cause }));
    const response = await user.get('/orders');

    expectProblem(response, 500, 'internal_error');
    expect(Object.keys(response.body as object).toSorted()).toEqual(
      ['code', 'detail', 'instance', 'request_id', 'status', 'title', 'type'].toSorted(),
    );
    expect(response.text).not.toMatch(/secret|password|TypeError/);
    expect(app.logLines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        request_id: response.headers['x-request-id'],
        err: expect.objectContaining({
          type: 'TypeError',
          message: 'Cannot read the secret',
          stack: expect.stringContaining('unexpected-errors.e2e-spec'),
          cause: expect.objectContaining({ message: 'password authentication failed' }),
        }),
      }),
    );
  });

  it.each([
    ['a string', 'the secret'],
    ['nothing', undefined],
    ['an object', { secret: true }],
    ['an error with a status', Object.assign(new Error('the secret'), { status: 402 })],
  ])('are a generic 500 also when the thrown value is %s', async (_, thrown) => {
    jest.spyOn(app.nest.get(OrderList), 'own').mockRejectedValueOnce(thrown);
    const response = await user.get('/orders');
    expectProblem(response, 500, 'internal_error');
    expect(response.text).not.toContain('secret');
  });

  it('do not affect other requests', async () => {
    jest.spyOn(app.nest.get(OrderList), 'own').mockRejectedValueOnce(new Error('once is enough'));
    const responses = await Promise.all(Array.from({ length: 5 }, () => user.get('/orders')));
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(4);
    expect(responses.filter(({ status }) => status === 500)).toHaveLength(1);
  });

  it.each(['EMFILE', 'ENFILE'])('are 503 when files cannot be opened: %s', async (code) => {
    const stat = (_path: string, done: (error: Error) => void) =>
      done(Object.assign(new Error(`${code}: too many open files`), { code }));
    jest.spyOn(fs, 'stat').mockImplementation(stat as never);
    const response = await app.api.get('/docs/swagger-ui.css');
    expectProblem(response, 503, 'service_unavailable');
    expect(response.headers['retry-after']).toBe('5');
  });
});
