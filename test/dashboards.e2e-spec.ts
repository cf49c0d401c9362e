import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ServerFleet } from './support/server-fleet';
import { metricsUrlOfProcess, scrape } from './support/scrape';
import { waitUntil } from './support/wait-until';
import { EVERY_SECOND } from './support/cron';
import { isPostgres } from './support/test-database';
import { TestRedis } from './support/test-redis';

const DEPLOY = join(__dirname, '..', 'deploy');

/** The metrics of backups, which a server makes of an SQLite file only. */
const OF_BACKUPS = ['backup_last_success_timestamp_seconds'];

interface Dashboard {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { name: string; query: unknown }[] };
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: {
    readonly h: number;
    readonly w: number;
    readonly x: number;
    readonly y: number;
  };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly { readonly expr: string }[];
}

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly record?: string;
      readonly alert?: string;
      readonly expr: string;
      readonly annotations?: { readonly runbook: string };
    }[];
  }[];
}

/** The names of metrics in PromQL: identifiers that are neither functions, keywords nor labels. */
function namesIn(expression: string): string[] {
  const bare = expression
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\b(by|on|without|ignoring)\s*\([^)]*\)/g, '');
  const identifiers = bare.match(/(?<![\w:$])[a-zA-Z_][\w:]*(?!\w|\s*\()/g) ?? [];
  return identifiers.filter((name) => !/^(and|or|unless|by|on|bool)$/.test(name));
}

describe('The dashboard and the alerts', () => {
  const fleet = ServerFleet.forEachTest();
  let dashboard: Dashboard;
  let rules: Rules;

  beforeAll(async () => {
    const json = await readFile(join(DEPLOY, 'grafana/order-management.json'), 'utf8');
    dashboard = JSON.parse(json) as Dashboard;
    rules = parse(await readFile(join(DEPLOY, 'prometheus/rules.yaml'), 'utf8')) as Rules;
  });

  const allRules = () => rules.groups.flatMap((group) => group.rules);
  const drawn = () => dashboard.panels.filter(({ type }) => type !== 'row');

  it('use only metrics that the built server has', async () => {
    const redis = await TestRedis.start();
    try {
      const names = await namesOfScrape(redis.url);
      const recorded = new Set(allRules().map(({ record }) => record));
      const variables = dashboard.templating.list.map(({ query }) => JSON.stringify(query));
      const expressions = [
        ...allRules().map(({ expr }) => expr),
        ...drawn().flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
        ...variables.flatMap((query) => /label_values\((\w+)/.exec(query)?.[1] ?? []),
      ];
      const used = new Set(expressions.flatMap(namesIn));
      expect(used.size).toBeGreaterThan(20);
      expect([...used].filter((name) => !names.has(name) && !recorded.has(name))).toEqual(
        isPostgres() ? OF_BACKUPS : [],
      );
    } finally {
      await redis.stop();
    }
  });

  /** The metrics of a server that has served requests, processed orders and rejected a request. */
  async function namesOfScrape(redisUrl: string): Promise<Set<string>> {
    const server = await fleet.start({
      METRICS_PORT: '0',
      REDIS_URL: redisUrl,
      RATE_LIMIT_ENABLED: 'true',
      PROCESSING_CRON: EVERY_SECOND,
      FULFILMENT_DELAY_MS: '1',
      ...(!isPostgres() && { BACKUP_DIR: 'backups' }),
    });
    const user = await server.api.signUp();
    const { id } = await user.placeOrder();
    await waitUntil(async () => (await user.order(id)).status === 'completed');
    await waitUntil(async () => (await server.api.get('/nope')).status === 429, {
      deadlineMs: 120_000,
    });
    const samples = [...(await scrape(metricsUrlOfProcess(server))).keys()];
    return new Set(samples.map((sample) => sample.replace(/\{.*/, '')));
  }

  it('finds the names of metrics in expressions', () => {
    const expression =
      'sum by (job) (rate(a_total{b=~"c|d"}[5m])) / on (x) job:e:rate5m or 1.5e3 * f and time() > 3';
    expect(namesIn(expression)).toEqual(['a_total', 'job:e:rate5m', 'f']);
  });

  it('have a unit, a data source and a place for each panel', () => {
    const places = new Set<string>();
    for (const { title, datasource, fieldConfig, gridPos, targets = [] } of drawn()) {
      expect({ title, unit: fieldConfig?.defaults.unit }).toEqual({
        title,
        unit: expect.any(String),
      });
      expect(datasource?.uid).toBe('${datasource}');
      expect(targets.length).toBeGreaterThan(0);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) places.add(`${x} ${y}`);
      }
    }
    const cells = drawn().reduce((sum, { gridPos: { w, h } }) => sum + w * h, 0);
    expect(places.size).toBe(cells); // none overlaps another
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual([
      'datasource',
      'job',
      'instance',
    ]);
  });

  it('filter all expressions of the dashboard by the job', () => {
    for (const { targets = [] } of drawn()) {
      for (const { expr } of targets) {
        const selectors = expr.match(/\{[^}]*\}/g) ?? [];
        expect(selectors.length).toBeGreaterThan(0);
        for (const selector of selectors) expect(selector).toContain('job="$job"');
      }
    }
  });

  it('have instructions for each alert in docs/operations.md', async () => {
    const guide = await readFile(join(__dirname, '..', 'docs', 'operations.md'), 'utf8');
    const section = guide.split('## Metrics and alerts\n')[1]?.split('\n## ')[0] ?? '';
    for (const { alert, annotations } of allRules()) {
      if (alert === undefined) continue;
      expect(section).toContain(`\`${alert}\``);
      expect(annotations?.runbook).toBe('docs/operations.md#metrics-and-alerts');
    }
  });
});
