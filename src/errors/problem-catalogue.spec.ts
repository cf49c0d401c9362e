import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PROBLEM_CATALOGUE } from './problem-catalogue';

const SOURCES = join(__dirname, '..');

/** Production code of the application, in one string. */
const code = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
  .map((file) => readFileSync(join(SOURCES, file), 'utf8'))
  .join('\n');

/** What every subclass passes to its base class: `super(404, 'code', …)`. */
const thrown = Array.from(code.matchAll(/\bsuper\(\s*(\d+),\s*'(\w+)',/g), ([, status, name]) => ({
  name: name!,
  status: Number(status),
}));

describe('PROBLEM_CATALOGUE', () => {
  it('finds status and code of each error', () => {
    const classes = Array.from(code.matchAll(/ extends DomainError\b/g));
    expect(thrown).toHaveLength(classes.length);
  });

  it('has exactly the codes of the errors, each with its status', () => {
    const statuses = Object.fromEntries(thrown.map(({ name, status }) => [name, status]));
    const described = Object.entries(PROBLEM_CATALOGUE).map(([name, { status }]) => [name, status]);
    expect(Object.fromEntries(described)).toEqual(statuses);
  });

  it('is sorted by status', () => {
    const statuses = Object.values(PROBLEM_CATALOGUE).map(({ status }) => status);
    expect(statuses).toEqual(statuses.toSorted((a, b) => a - b));
  });
});
