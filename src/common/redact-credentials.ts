const REDACTED = '[redacted]';

/** A string without spaces. Quotes end a string of JSON, unless they are escaped. */
const WORDS = /(?:[^\s"\\]|\\.)+/g;

/**
 * User and password of a URL (RFC 3986, section 3.2.1), also in a path that was made of the URL, which has
 * one slash. A password may have a `/`, `?` or `#` that is not encoded, unless it could be a port.
 * Applied to what ends with an `@`.
 */
const OF_URLS = /(:\/\/?)(?:[^/?#]*@|(?!\[)[^/?#:]*:(?!\d{1,5}[/?#]).*@)/gs;

/** Parameters of a URL. */
const OF_QUERIES = /([?&][\w-]*(?:password|token|secret|key)=)(?:[^\s&#"\\]|\\.)+/gi;

/** The value of an `Authorization` header, also as JSON or in a list; without the name, shorter ones are words. */
const OF_HEADERS =
  /(\bauthorization(?:\\?["'])?[:,] ?(?:\\?["'])?(?:Bearer|Basic) |\b(?:Bearer|Basic) (?=[\w.~+/-]{20}))[\w.~+/-]+=*/gi;

const SCHEMES = /(?:bearer|basic) /i;

/**
 * Removes credentials from a message. Errors of drivers and of fulfilment steps can contain the URL or the
 * request that failed.
 * @param message also a line of the log, which is JSON
 */
export function redactCredentials(message: string): string {
  let redacted = message;
  // These checks are far faster than the patterns, and most lines of the log have no credentials.
  if (message.includes(':/') && message.includes('@')) {
    redacted = redacted.replace(WORDS, redactUrls);
  }
  if (message.includes('?')) redacted = redacted.replace(OF_QUERIES, `$1${REDACTED}`);
  if (SCHEMES.test(message)) {
    redacted = redacted.replace(OF_HEADERS, `$1${REDACTED}`);
  }
  return redacted;
}

/** Searched up to the last `@` only, so that the time is linear: each URL without a user ends early. */
function redactUrls(word: string): string {
  const end = word.lastIndexOf('@') + 1;
  if (end === 0 || !word.includes(':/')) return word;
  return word.slice(0, end).replace(OF_URLS, `$1${REDACTED}@`) + word.slice(end);
}

/** As long as the shortest tokens that are configured and issued. */
const PART_OF_TOKEN = /[\w+-]{32}/;

/** Also the parts of a token that dots separate. */
const LONG_SEGMENTS = /[\w.+-]{32,}/g;

const UUID = /\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b/gi;

/** Removes what may be a token from a path, where a client has put it by mistake. */
export function redactTokens(path: string): string {
  if (path.length < 32) return path;
  return path.replace(LONG_SEGMENTS, (part) =>
    PART_OF_TOKEN.test(part.replace(UUID, '')) ? REDACTED : part,
  );
}

/** Three parts, the last of which is a signature. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]{32,}$/;

/** Whether a value has the form of an access token or a refresh token. */
export function isLikeToken(value: string): boolean {
  return TOKEN.test(value);
}
