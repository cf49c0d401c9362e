import { type Request, type RequestHandler, json } from 'express';
import {
  MalformedBodyError,
  PayloadTooLargeError,
  UnsupportedMediaTypeError,
} from './common.errors';

export const MAX_BODY_KILOBYTES = 100;

/** No request has more than two levels; far deeper ones would overflow the stack of a validator. */
const MAX_NESTING = 20;

/**
 * Reads JSON bodies. Anything it cannot read becomes a {@link MalformedBodyError}, a
 * {@link PayloadTooLargeError} or an {@link UnsupportedMediaTypeError}.
 */
export function jsonBody(): RequestHandler {
  const parse = json({
    limit: MAX_BODY_KILOBYTES * 1024,
    verify: (_request, _response, body) => {
      if (nestingOf(body) > MAX_NESTING) throw new MalformedBodyError();
    },
  });
  return (request, response, next) => {
    if (hasBody(request) && !request.is('application/json')) {
      next(new UnsupportedMediaTypeError());
      return;
    }
    parse(request, response, (error: unknown) => {
      if (error) next(toDomainError(error));
      else next();
    });
  };
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Deepest nesting of arrays and objects, found without parsing. */
function nestingOf(body: Buffer): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index];
    if (inString) {
      if (byte === BACKSLASH) index++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) {
      inString = true;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      deepest = Math.max(deepest, ++depth);
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--;
    }
  }
  return deepest;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Names the failures of body-parser: https://github.com/expressjs/body-parser#errors */
function toDomainError(error: unknown): Error {
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  switch (type) {
    case 'entity.too.large':
      return new PayloadTooLargeError(MAX_BODY_KILOBYTES);
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new UnsupportedMediaTypeError();
    default:
      return new MalformedBodyError(error);
  }
}
