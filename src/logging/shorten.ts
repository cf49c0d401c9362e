/** How many characters of a path are repeated in problem documents. */
const MAX_LENGTH = 500;

/** How many bytes of a path are logged. Its quotes and backslashes take two, like all JSON. */
const MAX_LOGGED_BYTES = 200;

/** Takes one byte each in JSON. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** Shortens a path for the log, by what it takes there. */
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

/** Shortens what a client chose, so that it cannot fill the answer or the log. */
export function shorten(text: string, maxLength = MAX_LENGTH): string {
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}
