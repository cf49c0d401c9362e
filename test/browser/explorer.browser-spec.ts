import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, type Page, chromium } from 'playwright-core';
import { ServerFleet } from '../support/server-fleet';
import type { ServerProcess } from '../support/server-process';

/** Where a reader of a run finds what the browser saw. */
const SCREENSHOTS = join(__dirname, '..', '..', 'artifacts', 'screenshots');

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** No sandbox inside a container, and no traffic but with the server. */
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
  let fleet: ServerFleet;
  let server: ServerProcess;
  let browser: Browser;
  let page: Page;
  /** What a user would find in the console of the browser. */
  const complaints: string[] = [];

  beforeAll(async () => {
    fleet = await ServerFleet.create({ PROCESSING_ENABLED: 'false' });
    server = await fleet.start();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
    page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    page.setDefaultTimeout(10_000);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
    await mkdir(SCREENSHOTS, { recursive: true });
  });

  afterAll(async () => {
    await browser.close();
    await fleet.dispose();
  });

  const screenshot = (name: string) =>
    page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });

  /** Opens an operation, presses "Try it out" and "Execute" as it stands, and reads the answer. */
  const tryOut = async (operationId: string): Promise<{ status: string; body: string }> => {
    const operation = page.locator(`[id$="-${operationId}"]`);
    await operation.locator('.opblock-summary-control').click();
    await operation.locator('.try-out__btn').click();
    await operation.locator('.execute').click();
    const answer = operation.locator('.live-responses-table .response');
    const status = await answer.locator('.response-col_status').innerText();
    const body = await answer.locator('.highlight-code code').first().innerText();
    await operation.screenshot({ path: join(SCREENSHOTS, `${operationId}.png`) });
    await operation.locator('.opblock-summary-control').click();
    return { status: status.trim(), body };
  };

  it('shows what the API is, and its routes in the order they are used', async () => {
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
      'Administration',
      'Health',
    ]);
  });

  it('takes a newcomer from registering to a cancelled order, with the examples as they stand', async () => {
    expect(await tryOut('auth_register')).toMatchObject({ status: '201' });
    const login = await tryOut('auth_login');
    expect(login.status).toBe('200');
    const { access_token } = JSON.parse(login.body) as { access_token: string };

    await page.locator('.btn.authorize').first().click();
    await page.locator('.modal-ux input').fill(access_token);
    await page.locator('.modal-ux .authorize').click();
    await screenshot('authorize');
    await page.locator('.modal-ux .btn-done').click();

    const created = await tryOut('orders_create');
    expect(created.status).toBe('201');
    expect(JSON.parse(created.body)).toMatchObject({ id: 1, status: 'pending' });
    const list = await tryOut('orders_list');
    expect(list.status).toBe('200');
    expect(JSON.parse(list.body)).toMatchObject({ data: [{ id: 1 }], next_cursor: null });
    expect(await tryOut('orders_get')).toMatchObject({ status: '200' });
    const cancelled = await tryOut('orders_cancel');
    expect(cancelled.status).toBe('200');
    expect(JSON.parse(cancelled.body)).toMatchObject({ id: 1, status: 'cancelled' });
    expect(await tryOut('orders_history')).toMatchObject({ status: '200' });
    expect(await tryOut('users_me')).toMatchObject({ status: '200' });
  });

  it('leaves the console of the browser empty', () => {
    expect(complaints).toEqual([]);
  });
});
