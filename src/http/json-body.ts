import type { IncomingMessage } from 'node:http';
import { type Request, type RequestHandler, json } from 'express';
import { MERGE_PATCH_TYPE } from '../api/merge-patch.decorator';
import {
  MalformedBodyError,
  PayloadTooLargeError,
  UnsupportedMediaTypeError,
} from '../errors/common.errors';

const JSON_TYPE = 'application/json';
const PATCH_TYPES = [JSON_TYPE, MERGE_PATCH_TYPE];

export const MAX_BODY_KILOBYTES = 100;
export const MAX_BODY_BYTES = MAX_BODY_KILOBYTES * 1024;

/** Valid requests have two levels. Thousands would overflow the stack of a validator. */
const MAX_NESTING = 20;

/** Valid requests have a few fields. A validator takes 0.2 s for 12,000. */
const MAX_COMMAS = 1_000;

/** Listed, because body-parser also decompresses what only some versions of Node.js can (zstd). */
const ENCODINGS = new Set(['identity', 'gzip', 'deflate', 'br']);

/**
 * Parses JSON bodies.
 * @throws MalformedBodyError, PayloadTooLargeError or UnsupportedMediaTypeError, to the error handler
 */
export function jsonBody(): RequestHandler {
  const parse = json({
    limit: MAX_BODY_BYTES,
    type: PATCH_TYPES,
    strict: false, // otherwise `null` would be reported as invalid JSON
    verify: (_request, _response, body) => {
      const { nesting, commas } = measure(body);
      if (nesting > MAX_NESTING)
        throw new MalformedBodyError('The request body is nested too deeply');
      if (commas > MAX_COMMAS)
        throw new MalformedBodyError('The request body has too many members');
    },
  });
  return (request, response, next) => {
    if (!mayHaveBody(request)) {
      next();
    } else if (Number(request.headers['content-length']) > MAX_BODY_BYTES) {
      next(new PayloadTooLargeError(MAX_BODY_KILOBYTES));
    } else if (!isJson(request) || !hasKnownEncoding(request)) {
      next(new UnsupportedMediaTypeError());
    } else {
      if (request.headers.expect !== undefined && request.httpVersion === '1.1') {
        response.writeContinue();
      }
      let isDone = false;
      const proceed = (error?: Error) => {
        if (isDone || response.headersSent) return; // the request was rejected, as after a timeout
        isDone = true;
        next(error);
      };
      // The parser would reject the body too, but only after reading it to its end.
      onExcess(request, () => proceed(new PayloadTooLargeError(MAX_BODY_KILOBYTES)));
      parse(request, response, (error: unknown) =>
        proceed(error ? translateParserError(error) : rejectNonObject(request.body)),
      );
    }
  };
}

/** Whether a request announces a body. */
export function mayHaveBody({ headers }: IncomingMessage): boolean {
  const length = Number(headers['content-length'] ?? 0);
  return length !== 0 || headers['transfer-encoding'] !== undefined;
}

function rejectNonObject(body: unknown): Error | undefined {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  return isObject ? undefined : new MalformedBodyError('The request body must be a JSON object');
}

/** Calls back once more than the allowed bytes were received. */
function onExcess(request: Request, callback: () => void): void {
  let bytes = 0;
  request.on('data', function count(chunk: Buffer) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) return;
    request.off('data', count);
    callback();
  });
}

/**
 * UTF-8 is the only encoding of JSON between systems (RFC 8259, section 8.1). Which routes accept a merge
 * patch is known after routing: see `MergePatchGuard`.
 */
function isJson(request: Request): boolean {
  const { 'content-type': type = '' } = request.headers;
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1];
  const isUtf8 = charset === undefined || charset.toLowerCase() === 'utf-8';
  return isUtf8 && request.is(request.method === 'PATCH' ? PATCH_TYPES : JSON_TYPE) !== false;
}

function hasKnownEncoding({ headers }: IncomingMessage): boolean {
  return ENCODINGS.has((headers['content-encoding'] || 'identity').toLowerCase());
}

/** Counts the levels of nesting, and the commas outside of strings, without parsing the body. */
function measure(body: Buffer): { nesting: number; commas: number } {
  const characters = body.toString('latin1'); // one for each byte
  let depth = 0;
  let nesting = 0;
  let commas = 0;
  let inString = false;
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index];
    if (inString) {
      if (character === '\\') index++;
      else if (character === '"') inString = false;
    } else if (character === '"') {
      inString = true;
    } else if (character === '{' || character === '[') {
      nesting = Math.max(nesting, ++depth);
    } else if (character === '}' || character === ']') {
      depth--;
    } else if (character === ',') {
      commas++;
    }
  }
  return { nesting, commas };
}

/** Translates the errors of body-parser: https://github.com/expressjs/body-parser#errors */
function translateParserError(error: unknown): Error {
  // Thrown by `verify`. Copied, because body-parser has set a status on it.
  if (error instanceof MalformedBodyError) return new MalformedBodyError(error.message);
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  switch (type) {
    case 'entity.too.large':
      return new PayloadTooLargeError(MAX_BODY_KILOBYTES);
    case 'charset.unsupported':
      return new UnsupportedMediaTypeError();
    default:
      return new MalformedBodyError(undefined, error);
  }
}
