/** For everything that accepts a string. */
export const HOSTILE_STRINGS = [
  [
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud800',
    'a\udfff',
    '\u202e',
    '\u200b',
    '\n',
    '\u212a',
    '\u0131',
  ],
  ['__proto__', 'constructor', 'toString', `' OR 1=1 --`, '../../etc/passwd', '<script>', '${7*7}'],
  ['1e3', '-1', '0', '9007199254740992', '9223372036854775808', 'NaN', 'null', 'true', '[]', '5'],
  [
    'x'.repeat(73),
    '€'.repeat(25),
    'x'.repeat(300),
    'x'.repeat(5_000),
    `${'x'.repeat(250)}@b.example`,
  ],
].flat();

/** For everything that accepts JSON. */
export const HOSTILE_VALUES: readonly unknown[] = [
  ...HOSTILE_STRINGS,
  0,
  -0,
  -1,
  0.001,
  1.005,
  0.1 + 0.2,
  1e10,
  1e308,
  2 ** 31,
  2 ** 53,
  2 ** 63,
  5e-324,
  null,
  true,
  false,
  [],
  {},
  [[]],
  ['x'],
  [null],
  { $ne: null },
  { $gt: '' },
  { length: 1e9 },
  { ['__proto__']: { role: 'admin' } },
  JSON.parse(`${'['.repeat(15)}${']'.repeat(15)}`),
];

/** Field names that no request body declares. */
export const HOSTILE_FIELDS = [
  '__proto__',
  'constructor',
  'role',
  'status',
  'user_id',
  'id',
  '',
  'toJSON',
];

/** Percent-encoded as they are sent. */
export const HOSTILE_SEGMENTS = [
  ['abc', '1e3', '-1', '0', '01', '+1', '1.0', '0x1', '%31', '%00', '1%00', '%E0%A4%A', '%', '%2F'],
  [
    '9007199254740991',
    '9007199254740992',
    '9223372036854775807',
    '9223372036854775808',
    '%20',
    '~',
  ],
  ['1;2', '..%2f..', '%ed%a0%80', '__proto__', "'", '9'.repeat(400)],
].flat();

export const HOSTILE_QUERIES = [
  [
    '',
    '&',
    '=',
    '%',
    'a',
    'limit',
    'limit=',
    'limit=1&limit=2',
    'limit[]=1',
    'limit[a]=1',
    '__proto__=1',
  ],
  [
    'constructor[prototype][x]=1',
    'cursor=x.y',
    'cursor=%00',
    'cursor[]=',
    'toString=1',
    '%E0%A4%A=1',
  ],
  ['access_token=x', 'limit=1e9', 'limit=0x10', 'limit=%EF%BC%91', 'verbose=1', 'a=1&'.repeat(500)],
].flat();

export const HOSTILE_HEADER_VALUES = [
  '',
  ' ',
  '*',
  '"',
  'W/"1"',
  '"1", "2"',
  'é',
  'x'.repeat(300),
  '1',
  '-1',
];

/** Headers that change how a request is understood. */
export const HEADER_NAMES = [
  [
    'Idempotency-Key',
    'If-Match',
    'If-None-Match',
    'X-Request-Id',
    'X-Forwarded-For',
    'Origin',
    'Range',
  ],
  [
    'Accept',
    'Accept-Encoding',
    'If-Modified-Since',
    'X-HTTP-Method-Override',
    'Cookie',
    'Forwarded',
  ],
].flat();

/** Whole `Authorization` headers. */
export const BROKEN_TOKENS = [
  [
    '',
    'Bearer',
    'Bearer ',
    'Bearer x',
    'Bearer a.b.c',
    'Basic dXNlcjpwYXNz',
    `Bearer ${'x'.repeat(8_000)}`,
  ],
  ['Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.', 'bearer null', 'Bearer a b'],
].flat();

/** Edits of valid JSON that no value serializes to. */
export const BREAKS: readonly ((json: string) => string)[] = [
  (json) => json.slice(0, -1),
  (json) => json.slice(0, json.length / 2),
  (json) => json + json,
  (json) => `[${json}]`,
  (json) => `\ufeff${json}`,
  (json) => json.replace('{', '{"a":1e400,'),
  (json) => json.replace('{', '{"__proto__":{"x":1},'),
  (json) => json.replace(/:"[^"]*"/, ':"\\ud800"'),
  (json) => json.replace(/:[\d.]+/, ':9223372036854775808'),
  (json) => json.replace(/:[\d.]+/, ':1e-400'),
  (json) => json.replace('{', '{'.repeat(9_000)),
];
