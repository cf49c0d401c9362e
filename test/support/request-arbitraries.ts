import {
  type Arbitrary,
  constant,
  constantFrom,
  double,
  integer,
  oneof,
  option,
  record,
  string,
  tuple,
} from 'fast-check';
import type { ApiContract } from './api-contract';
import type { Operation, Parameter, Schema } from './api-operations';
import {
  BREAKS,
  BROKEN_TOKENS,
  HEADER_NAMES,
  HOSTILE_FIELDS,
  HOSTILE_HEADER_VALUES,
  HOSTILE_QUERIES,
  HOSTILE_SEGMENTS,
  HOSTILE_STRINGS,
  HOSTILE_VALUES,
} from './hostile-inputs';
import { validFor } from './schema-arbitraries';

/** The account whose token a request has, or a malformed `Authorization` header. */
export type Bearer = 'user' | 'admin' | 'none' | { readonly raw: string };

/** A request as it is sent, after its {@link OwnId}s are replaced by those of the account. */
export interface FuzzRequest {
  /** The name of its operation; undefined when its method or path was altered. */
  readonly operation: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly bearer: Bearer;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** What stands in a path for the id of an order, a webhook or an event of the account. */
export type OwnId = '{own-order}' | '{own-webhook}' | '{own-event}';

const hostileString = () => oneof(constantFrom(...HOSTILE_STRINGS), string({ unit: 'binary' }));
const hostileValue = () => oneof(constantFrom(...HOSTILE_VALUES), hostileString(), double());

/** Requests to every operation of the document: valid, nearly valid and hostile ones. */
export function anyRequest(contract: ApiContract): Arbitrary<FuzzRequest> {
  return oneof(...contract.operations.map((operation) => requestTo(contract, operation)));
}

function requestTo(contract: ApiContract, operation: Operation): Arbitrary<FuzzRequest> {
  const parameters = operation.parameters.filter((parameter) => parameter.in === 'query');
  return record({
    path: pathOf(operation),
    method: mostly(
      constant(operation.method),
      constantFrom('GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'POST'),
    ),
    query: mostly(
      queryOf(contract, parameters),
      oneof(constantFrom(...HOSTILE_QUERIES), string().map(encode)),
    ),
    bearer: oneof(
      { weight: 12, arbitrary: constant<Bearer>(isForAdmins(operation) ? 'admin' : 'user') },
      { weight: 4, arbitrary: constant<Bearer>(isForAdmins(operation) ? 'user' : 'admin') },
      { weight: 2, arbitrary: constant<Bearer>('none') },
      { weight: 1, arbitrary: constantFrom(...BROKEN_TOKENS).map((raw): Bearer => ({ raw })) },
    ),
    headers: headersOf(contract, operation),
    content: contentOf(contract, operation.body),
  }).map(({ content, headers, path, method, query, bearer }) => ({
    operation: path.isAltered || method !== operation.method ? undefined : operation.name,
    method,
    path: path.value,
    query,
    bearer,
    headers: content.type === undefined ? headers : { ...headers, 'Content-Type': content.type },
    body: content.body,
  }));
}

const mostly = <T>(usual: Arbitrary<T>, odd: Arbitrary<T>) =>
  oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: odd });

const isForAdmins = ({ path }: Operation) => path.startsWith('/admin/');

/** @param name of the parameter, in braces */
function ownIdFor(path: string, name: string): OwnId {
  if (name === '{event_id}') return '{own-event}';
  return path.includes('/webhooks/') ? '{own-webhook}' : '{own-order}';
}

function pathOf({ path }: Operation): Arbitrary<{ value: string; isAltered: boolean }> {
  const segmentFor = (name: string) =>
    oneof(
      { weight: 5, arbitrary: constant<string>(ownIdFor(path, name)) },
      { weight: 2, arbitrary: integer({ min: 1, max: 50 }).map(String) },
      { weight: 3, arbitrary: constantFrom(...HOSTILE_SEGMENTS) },
    );
  const names = path.match(/\{\w+\}/g) ?? [];
  const given = tuple(...names.map(segmentFor)).map((values) => ({
    value: names.reduce((value, name, index) => value.replace(name, () => values[index]!), path),
    isAltered: false,
  }));
  const altered = tuple(given, constantFrom('/', '//', '/x', '/..', '%00', ';a', '/%E0%A4%A')).map(
    ([{ value }, suffix]) => ({ value: value + suffix, isAltered: true }),
  );
  return oneof({ weight: 19, arbitrary: given }, { weight: 1, arbitrary: altered });
}

function queryOf(contract: ApiContract, parameters: readonly Parameter[]): Arbitrary<string> {
  const pairs = parameters.map(({ name, schema }) =>
    option(
      oneof(
        { weight: 3, arbitrary: validFor(contract, schema) },
        { weight: 1, arbitrary: hostileString() },
      ).map((value) => pairsOf(name, value)),
    ),
  );
  return tuple(...pairs).map((given) => given.filter((pair) => pair !== null).join('&'));
}

/** An object is written in the style `deepObject`. */
function pairsOf(name: string, value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `${name}=${encode(String(value))}`;
  }
  return Object.entries(value)
    .map(([key, one]) => `${name}[${encode(key)}]=${encode(String(one))}`)
    .join('&');
}

/** Replaces halves of surrogate pairs, which cannot be encoded. */
const encode = (value: string) => encodeURIComponent(value.replaceAll(/\p{Cs}/gu, '?'));

function headersOf(
  contract: ApiContract,
  { parameters }: Operation,
): Arbitrary<Record<string, string>> {
  const declared = parameters
    .filter((parameter) => parameter.in === 'header')
    .map(({ name, schema }) =>
      option(validFor(contract, schema).map((value) => [name, headerValue(String(value))])),
    );
  const odd = tuple(constantFrom(...HEADER_NAMES), constantFrom(...HOSTILE_HEADER_VALUES));
  return tuple(tuple(...declared), option(odd, { freq: 4 })).map(([usual, extra]) =>
    Object.fromEntries([...usual, extra].filter((header) => header !== null) as [string, string][]),
  );
}

const headerValue = (value: string) => value.replaceAll(/[^\x20-\x7e]/g, '?');

interface Content {
  readonly type?: string;
  readonly body?: string;
}

function contentOf(contract: ApiContract, schema: Schema | undefined): Arbitrary<Content> {
  const nothing = constant<Content>({});
  const json = (value: Arbitrary<unknown>) =>
    value.map((body): Content => ({ type: 'application/json', body: JSON.stringify(body) }));
  const hostile = json(hostileValue());
  if (!schema) {
    return oneof({ weight: 9, arbitrary: nothing }, { weight: 1, arbitrary: hostile });
  }
  const valid = validFor(contract, schema);
  const broken = tuple(json(valid), constantFrom(...BREAKS)).map(
    ([{ type, body = '' }, breakIt]): Content => ({ type, body: breakIt(body) }),
  );
  const ofOddType = tuple(
    json(valid),
    constantFrom('text/plain', 'application/json; charset=utf-16', 'application/xml', '', 'x'),
  ).map(([{ body }, type]): Content => ({ type, body }));
  return oneof(
    { weight: 10, arbitrary: json(valid) },
    {
      weight: 8,
      arbitrary: json(tuple(valid, mutation()).map(([value, mutate]) => mutate(value))),
    },
    { weight: 2, arbitrary: hostile },
    { weight: 2, arbitrary: broken },
    { weight: 1, arbitrary: ofOddType },
    { weight: 1, arbitrary: nothing },
  );
}

/** Drops a field, replaces its value by a hostile one, or adds a field. */
function mutation(): Arbitrary<(value: unknown) => unknown> {
  return record({
    place: integer({ min: 0, max: 20 }),
    value: hostileValue(),
    what: constantFrom('drop', 'replace', 'add'),
    field: constantFrom(...HOSTILE_FIELDS),
  }).map(({ place, value, what, field }) => (given: unknown) => {
    if (typeof given !== 'object' || given === null) return value;
    const names = Object.keys(given);
    const name = what === 'add' ? field : (names[place % Math.max(names.length, 1)] ?? field);
    const entries = Object.entries(given).filter(([key]) => key !== name);
    // `fromEntries` makes an own property even of `__proto__`.
    return Object.fromEntries(what === 'drop' ? entries : [...entries, [name, value]]);
  });
}
