import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, type Page, chromium } from 'playwright-core';
import { TRANSITIONS } from '../../src/orders/order-status';
import { ServerFleet } from '../support/server-fleet';
import type { ServerProcess } from '../support/server-process';

/** The screenshots of the latest run. */
const SCREENSHOTS = join(__dirname, '..', '..', 'artifacts', 'screenshots');

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** No sandbox, because it does not work in a container; no traffic except with the server. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describe('the explorer at /docs', () => {
  let server: ServerProcess;
  let browser: Browser;
  let page: Page;
  /** The errors and warnings in the console of the browser. */
  const complaints: string[] = [];

  afterAll(() => browser.close());

  const fleet = ServerFleet.forSuite({ PROCESSING_ENABLED: 'false' });

  beforeAll(async () => {
    server = await fleet.start();
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ARGUMENTS,
      timeout: 120_000,
    });
    page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    page.setDefaultTimeout(60_000);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('requestfailed', (request) => {
      // Leaving a page aborts its pending requests.
      const isAborted = request.failure()?.errorText === 'net::ERR_ABORTED';
      if (!isAborted) complaints.push(`${request.url()} failed`);
    });
    await mkdir(SCREENSHOTS, { recursive: true });
  });

  const screenshot = (name: string) =>
    page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });

  /** Expands an operation, presses "Try it out" and "Execute", and reads the response. */
  const tryOut = async (operationId: string): Promise<{ status: string; body: string }> => {
    const operation = page.locator(`[id$="-${operationId}"]`);
    await operation.locator('.opblock-summary-control').click();
    await operation.locator('.try-out__btn').click();
    await operation.locator('.execute').click();
    const response = operation.locator('.live-responses-table .response');
    const status = await response.locator('.response-col_status').innerText();
    const body = await response.locator('.highlight-code code').first().innerText();
    await operation.screenshot({ path: join(SCREENSHOTS, `${operationId}.png`) });
    await operation.locator('.opblock-summary-control').click();
    return { status: status.trim(), body };
  };

  it('describes the API, and lists the routes in the order of their use', async () => {
    await page.goto(`${server.api.url}/docs`);
    await page.locator('.opblock').first().waitFor();
    await screenshot('docs');
    expect(await page.title()).toBe('Order Management API');
    expect(await page.locator('.info .title').innerText()).toContain('Order Management API');
    expect(await page.locator('.info').innerText()).toContain('pending');
    const tags = await page
      .locator('.opblock-tag')
      .evaluateAll((elements) => elements.map((element) => element.getAttribute('data-tag')));
    expect(tags).toEqual([
      'Authentication',
      'Sessions',
      'Users',
      'Orders',
      'Events',
      'Webhooks',
      'Administration',
      'Health',
      'Problems',
    ]);
  });

  it('registers a user, and places and cancels an order, with the examples unchanged', async () => {
    expect(await tryOut('register')).toMatchObject({ status: '201' });
    const login = await tryOut('login');
    expect(login.status).toBe('200');
    const { access_token } = JSON.parse(login.body) as { access_token: string };

    await page.locator('.btn.authorize').first().click();
    await page.locator('.modal-ux input').fill(access_token);
    await page.locator('.modal-ux .authorize').click();
    await screenshot('authorize');
    await page.locator('.modal-ux .btn-done').click();

    const placed = await tryOut('placeOrder');
    expect(placed.status).toBe('201');
    expect(JSON.parse(placed.body)).toMatchObject({ id: 1, status: 'pending' });
    const list = await tryOut('listOrders');
    expect(list.status).toBe('200');
    expect(JSON.parse(list.body)).toMatchObject({ data: [{ id: 1 }], next_cursor: null });
    expect(await tryOut('getOrder')).toMatchObject({ status: '200' });
    const cancelled = await tryOut('cancelOrder');
    expect(cancelled.status).toBe('200');
    expect(JSON.parse(cancelled.body)).toMatchObject({ id: 1, status: 'cancelled' });
    expect(await tryOut('getOrderHistory')).toMatchObject({ status: '200' });
    expect(await tryOut('getCurrentUser')).toMatchObject({ status: '200' });
  });

  it.each(['register', 'placeOrder', 'listOrders', 'cancelOrder', 'adminListOrders'])(
    'shows the expanded operation %s in less than 2,500 pixels',
    async (operationId) => {
      await page.goto(`${server.api.url}/docs`);
      const operation = page.locator(`[id$="-${operationId}"]`);
      await operation.locator('.opblock-summary-control').click();
      await operation.locator('tr[data-code="503"]').waitFor();
      expect((await operation.boundingBox())!.height).toBeLessThan(2_500);
    },
  );

  it('shows a cancelled order as the example of a cancellation', async () => {
    const operation = page.locator('[id$="-cancelOrder"]');
    await operation.locator('.opblock-summary-control').click();
    const example = operation.locator('tr[data-code="200"] .model-example code').first();
    expect(await example.innerText()).toContain('"status": "cancelled"');
    await operation.locator('.opblock-summary-control').click();
  });

  it('links to the OpenAPI document and to the list of problems', async () => {
    const links = await page
      .locator('.info .description a')
      .evaluateAll((elements) => elements.map((element) => element.getAttribute('href')));
    expect(links).toEqual(['/openapi.json', '/problems']);
    for (const link of links) await server.api.get(link!).expect(200);
  });

  it('shows all transitions of an order on a phone, without breaking lines', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${server.api.url}/docs`);
    const diagram = page.locator('.info .description pre');
    await diagram.waitFor();
    await screenshot('phone');
    const { lines, width, available } = await diagram.evaluate((element) => ({
      lines: (element.textContent ?? '').trim().split('\n'),
      width: element.scrollWidth,
      available: element.clientWidth,
    }));
    const transitions = lines.filter((line) => line.includes('→'));
    expect(transitions).toHaveLength(Object.keys(TRANSITIONS).length);
    for (const [name, { to }] of Object.entries(TRANSITIONS)) {
      expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^. ${name} +→ ${to}$`)));
    }
    expect(width).toBeLessThanOrEqual(available);
    const box = (await diagram.boundingBox())!;
    expect(box.x + box.width).toBeLessThanOrEqual(390);
    // Each line of the diagram is one line on the page.
    const code = (await diagram.locator('code').boundingBox())!;
    expect(code.height / lines.length).toBeLessThan(25);
  });

  it('opens the page of a problem without scripts', async () => {
    await page.goto(`${server.api.url}/problems/order_not_cancellable`);
    await screenshot('problem');
    expect(await page.locator('h1').innerText()).toBe('Order not cancellable');
    await page.getByRole('link', { name: 'All problems' }).click();
    await page.getByRole('link', { name: 'order_not_found' }).click();
    expect(new URL(page.url()).pathname).toBe('/problems/order_not_found');
    await page.getByRole('link', { name: 'API reference' }).click();
    await page.locator('.opblock').first().waitFor();
    expect(new URL(page.url()).pathname).toBe('/docs');
  });

  it('leaves the console of the browser empty', () => {
    expect(complaints).toEqual([]);
  });
});
