import type { SpanAttributes } from '../common/tracing';

/** A result code of SQLite or an SQLSTATE, of which no class begins with E, unlike codes of Node.js. */
const DATABASE_CODE = /^(?:SQLITE_\w+|(?!E)[\dA-Z]{5})$/;

/** The attributes of a statement that has failed. */
export function failedStatement(code: string): SpanAttributes {
  if (!DATABASE_CODE.test(code)) return { 'error.type': code };
  return { 'error.type': code, 'db.response.status_code': code };
}
