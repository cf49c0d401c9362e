import { type Request, type RequestHandler, json } from 'express';
import {
  MalformedBodyError,
  PayloadTooLargeError,
  UnsupportedMediaTypeError,
} from '../errors/common.errors';

export const MAX_BODY_KILOBYTES = 100;
export const MAX_BODY_BYTES = MAX_BODY_KILOBYTES * 1024;

/** No request has more than two levels; far deeper ones would overflow the stack of a validator. */
const MAX_NESTING = 20;

/** No request has more than a few fields; some ten thousand would keep a validator busy for long. */
const MAX_COMMAS = 1_000;

/**
 * Reads JSON bodies. Anything it cannot read becomes a {@link MalformedBodyError}, a
 * {@link PayloadTooLargeError} or an {@link UnsupportedMediaTypeError}.
 */
export function jsonBody(): RequestHandler {
  const parse = json({
    limit: MAX_BODY_BYTES,
    strict: false, // or `null` would be called invalid JSON
    verify: (_request, _response, body) => {
      const { nesting, commas } = measure(body);
      if (nesting > MAX_NESTING)
        throw new MalformedBodyError('The request body is nested too deeply');
      if (commas > MAX_COMMAS)
        throw new MalformedBodyError('The request body has too many members');
    },
  });
  return (request, response, next) => {
    const length = Number(request.headers['content-length'] ?? 0);
    if (length === 0 && request.headers['transfer-encoding'] === undefined) {
      next();
    } else if (length > MAX_BODY_BYTES) {
      next(new PayloadTooLargeError(MAX_BODY_KILOBYTES));
    } else if (!isJson(request)) {
      next(new UnsupportedMediaTypeError());
    } else {
      if (request.headers.expect !== undefined && request.httpVersion === '1.1') {
        response.writeContinue();
      }
      const proceed = once((error?: Error) => {
        // Too late: the request was given up.
        if (!response.headersSent) next(error);
      });
      // The parser would refuse it too, but only after having read it to its end.
      onTooMuch(request, () => proceed(new PayloadTooLargeError(MAX_BODY_KILOBYTES)));
      parse(request, response, (error: unknown) =>
        proceed(error ? toDomainError(error) : rejectOtherThanObject(request.body)),
      );
    }
  };
}

function rejectOtherThanObject(body: unknown): Error | undefined {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  return isObject ? undefined : new MalformedBodyError('The request body must be a JSON object');
}

function onTooMuch(request: Request, refuse: () => void): void {
  let bytes = 0;
  request.on('data', function count(chunk: Buffer) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) return;
    request.off('data', count);
    refuse();
  });
}

/** Ignores all calls but the first. */
function once<Args extends unknown[]>(call: (...args: Args) => void): (...args: Args) => void {
  let wasCalled = false;
  return (...args) => {
    if (!wasCalled) call(...args);
    wasCalled = true;
  };
}

/** UTF-8 is the only encoding of JSON between systems (RFC 8259, section 8.1). */
function isJson(request: Request): boolean {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(
    request.headers['content-type'] ?? '',
  )?.[1];
  const isUtf8 = charset === undefined || charset.toLowerCase() === 'utf-8';
  return isUtf8 && request.is('application/json') !== false;
}

/** Deepest nesting of arrays and objects, and commas between their members, without parsing. */
function measure(body: Buffer): { nesting: number; commas: number } {
  let depth = 0;
  let nesting = 0;
  let commas = 0;
  let inString = false;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index];
    if (inString) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) {
      inString = true;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      nesting = Math.max(nesting, ++depth);
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--;
    } else if (byte === COMMA) {
      commas++;
    }
  }
  return { nesting, commas };
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Names the failures of body-parser: https://github.com/expressjs/body-parser#errors */
function toDomainError(error: unknown): Error {
  // Thrown by `verify`. A new one, since body-parser has set a status of its own on it.
  if (error instanceof MalformedBodyError) return new MalformedBodyError(error.message);
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  switch (type) {
    case 'entity.too.large':
      return new PayloadTooLargeError(MAX_BODY_KILOBYTES);
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new UnsupportedMediaTypeError();
    default:
      return new MalformedBodyError(undefined, error);
  }
}
