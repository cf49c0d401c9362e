/** Visible ASCII. Node.js joins repeated headers with a blank, so they do not match. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/** A string of structured fields (RFC 8941, section 3.3.3): in it, `"` and `\` are escaped by `\`. */
const STRING = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

/**
 * Parses the value of `Idempotency-Key`. A value that begins with a quote is a string of structured fields
 * (draft-ietf-httpapi-idempotency-key-header-07, section 2.1); any other value is the key itself.
 * @returns undefined when the string is malformed, or the key is not 1 to 255 visible ASCII characters
 */
export function parseIdempotencyKey(header: string): string | undefined {
  const key = header.startsWith('"') ? unquote(header) : header;
  return key !== undefined && KEY.test(key) ? key : undefined;
}

/** The string of structured fields that {@link parseIdempotencyKey} parses as this key. */
export function quoteIdempotencyKey(key: string): string {
  return `"${key.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

function unquote(header: string): string | undefined {
  return STRING.exec(header)?.[1]?.replaceAll(/\\(["\\])/g, '$1');
}
