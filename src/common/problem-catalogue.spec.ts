import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError, type ErrorKind } from './domain-error';
import { PROBLEM_CATALOGUE } from './problem-catalogue';
import { toProblem } from './problem-details';

const SOURCES = join(__dirname, '..');

/** Production code of the application, in one text. */
const code = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
  .map((file) => readFileSync(join(SOURCES, file), 'utf8'))
  .join('\n');

/** An error of any kind and code. */
class AnyError extends DomainError {
  constructor(kind: ErrorKind, errorCode: string) {
    super(kind, errorCode, 'Something is wrong');
  }
}

/** What every subclass passes to its base class: `super('kind', 'code', …)`. */
const thrown = Array.from(
  code.matchAll(/\bsuper\(\s*'(\w+)',\s*'(\w+)',/g),
  ([, kind, errorCode]) => toProblem(new AnyError(kind as ErrorKind, errorCode!)),
);

describe('PROBLEM_CATALOGUE', () => {
  it('knows how each error names its kind and code', () => {
    const classes = Array.from(code.matchAll(/ extends DomainError\b/g));
    expect(thrown).toHaveLength(classes.length);
  });

  it('has exactly the codes of the errors, each with its status', () => {
    const statuses = Object.fromEntries(thrown.map(({ body, status }) => [body.code, status]));
    const described = Object.entries(PROBLEM_CATALOGUE).map(([name, { status }]) => [name, status]);
    expect(Object.fromEntries(described)).toEqual(statuses);
  });

  it('is sorted by status', () => {
    const statuses = Object.values(PROBLEM_CATALOGUE).map(({ status }) => status);
    expect(statuses).toEqual(statuses.toSorted((a, b) => a - b));
  });
});
