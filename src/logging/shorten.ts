/** Maximum number of characters of a path in a problem document. */
const MAX_LENGTH = 500;

/** Maximum size of a path in the log, as JSON: a quote or a backslash takes two bytes. */
const MAX_LOGGED_BYTES = 200;

/** Characters that take one byte in JSON. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** Shortens a path by its size in the log. */
export function shortenForLog(path: string, maxBytes = MAX_LOGGED_BYTES): string {
  if (path.length <= maxBytes && PLAIN.test(path)) return path;
  let bytes = 0;
  let end = 0;
  for (const character of path) {
    bytes += Buffer.byteLength(JSON.stringify(character)) - 2;
    if (bytes > maxBytes) return `${path.slice(0, end)}…`;
    end += character.length;
  }
  return path;
}

/** Shortens a string that a client has chosen, for responses and the log. */
export function shorten(value: string, maxLength = MAX_LENGTH): string {
  return value.length > maxLength ? `${value.slice(0, maxLength)}…` : value;
}
