import request from 'supertest';
import type { ServerProcess } from './server-process';
import type { TestApp } from './test-app';

/** The address in the line that the server logs when it listens on `METRICS_PORT`. */
const ADDRESS = /Metrics at (http:\/\/[^/]+)\/metrics/;

/** The values of samples by their names with labels, such as `x_total{limit="user"}`. */
export type Samples = ReadonlyMap<string, number>;

/** The URL of the metrics port, without a path. */
export function metricsUrlOf({ logLines }: TestApp): string {
  return findUrl(logLines.map(({ msg }) => String(msg)));
}

export function metricsUrlOfProcess({ process }: ServerProcess): string {
  return findUrl(process.output);
}

function findUrl(lines: readonly string[]): string {
  const url = lines.map((line) => ADDRESS.exec(line)?.[1]).find(Boolean);
  if (url === undefined) throw new Error('No metrics port was opened');
  return url;
}

/** The samples that a metrics port returns. */
export async function scrape(url: string): Promise<Samples> {
  const { text } = await request(url).get('/metrics').expect(200);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, name, value] = /^(\S+?(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`Not a sample: ${line}`);
      return [name, Number(value)];
    }),
  );
}
