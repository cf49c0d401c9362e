import { types } from 'pg';

type TypeParser = (text: string) => unknown;

const TIMESTAMPTZ: number = types.builtins.TIMESTAMPTZ;

/** A `timestamptz(3)` as PostgreSQL prints it when the time zone of the connection is UTC. */
const UTC = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,3})?\+00$/;

const parseInstant = types.getTypeParser(TIMESTAMPTZ, 'text') as TypeParser;

/**
 * Reads instants as SQLite returns them: strings in ISO 8601 and UTC, with milliseconds. Responses contain
 * the same strings, and creating a `Date` and formatting it takes longer than all else a list does to a row.
 */
export const instantStrings = {
  getTypeParser: (type: number, format?: 'text' | 'binary'): TypeParser =>
    type === TIMESTAMPTZ && format !== 'binary'
      ? toInstantString
      : (types.getTypeParser(type, format) as TypeParser),
};

/** Returns what is not an instant, such as infinity, as pg does. */
export function toInstantString(text: string): unknown {
  if (!UTC.test(text)) {
    const parsed = parseInstant(text);
    return parsed instanceof Date ? parsed.toISOString() : parsed;
  }
  const milliseconds = text.slice('2026-01-31 23:59:59.'.length, -'+00'.length).padEnd(3, '0');
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${milliseconds}Z`;
}
