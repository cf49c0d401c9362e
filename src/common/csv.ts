/** Also after white space, which spreadsheets ignore, and in full width, which some convert. */
const FORMULA = /^[\s\u00a0\ufeff]*[=+\-@＝＋－＠]|^[\t\r\n]/u;

/**
 * What begins a cell in spreadsheets that separate by semicolons, as in many countries, or by tabs. They
 * ignore quotes within a cell, so a string of one cell can be several there.
 */
const FORMULA_OF_OTHER_SEPARATOR = /([;\t\r\n])(?=[\s"]*[=+\-@＝＋－＠])/gu;

/** A semicolon and a tab too, because some spreadsheets guess the separator. */
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/u;

/**
 * One record of RFC 4180, with its line break. A string that a spreadsheet would execute as a formula
 * gets an apostrophe in front, also the part after a semicolon, a tab or a line break
 * (https://owasp.org/www-community/attacks/CSV_Injection).
 */
export function csvRecord(cells: readonly (string | number | null)[]): string {
  return `${cells.map(toCell).join(',')}\r\n`;
}

function toCell(value: string | number | null): string {
  if (value === null) return '';
  // V8 caches what `String` returns, which would fill the old generation with the ids of an export.
  if (typeof value === 'number') return JSON.stringify(value);
  const parts = value.replaceAll(FORMULA_OF_OTHER_SEPARATOR, `$1'`);
  const safe = FORMULA.test(value) ? `'${parts}` : parts;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
