// Hostile values, header fields, paths and methods.
import fc from 'fast-check';
import { anyCodeUnits } from '../support/odd-texts.ts';
import type { Tree } from './tree.ts';

/** Marks input of the fuzzer. No problem may contain it. */
export const MARK = 'Zq7-mark-of-the-fuzzer';

const TEXTS = [
  "' OR '1'='1' --",
  '"; DROP TABLE users; --',
  `${MARK}' UNION SELECT password_hash FROM users --`,
  `<script>alert("${MARK}")</script>`,
  `"><img src=x onerror=${MARK}>`,
  '../../../../etc/passwd',
  '..\\..\\windows\\win.ini',
  'file:///etc/passwd',
  `\${jndi:ldap://${MARK}.example/a}`,
  `{{${MARK}}}`,
  `%s%n%x%d${MARK}`,
  '$(id)`id`|id;id',
  `${MARK}\r\nSet-Cookie: a=b`,
  'аdmin@example.com',
  'ＡＤＡ＠ｅｘａｍｐｌｅ．ｃｏｍ',
  '\u202eelpmaxe\u2066',
  '\u200b\u200c\u200d\ufeff',
  'ﷺ'.repeat(60),
  'e\u0301'.repeat(140),
  'Z\u0351\u036b\u0343\u036a\u0302'.repeat(40),
  '\ud800',
  `${MARK}\udc00`,
  '\0',
  `${MARK}\0\u0001\u001b[2J\u007f\u0085`,
  '\u2028\u2029',
  '-0',
  'NaN',
  'null',
  'undefined',
  '[object Object]',
  '__proto__',
  'constructor',
  '0',
  '-1',
  '9'.repeat(40),
  '1e999',
  MARK.repeat(60),
  'x'.repeat(12_000),
  '👩‍👩‍👧‍👦'.repeat(40),
] as const;

export const hostileText = fc.oneof(
  fc.constantFrom(...TEXTS),
  anyCodeUnits.map((text) => `${text}${MARK}`),
  fc.string({ unit: 'binary' }),
);

/** Names with a meaning in JavaScript, in a database or in an authorization check. */
export const HOSTILE_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'id',
  'user_id',
  'role',
  'is_admin',
  'email_verified',
  'password_hash',
  'disabled_at',
  '',
  '$where',
  MARK,
] as const;

const deep = (opening: string, closing: string, depth: number): Tree => ({
  raw: `${opening.repeat(depth)}1${closing.repeat(depth)}`,
});

/** Hostile texts, and JSON values of other types, sizes and depths. */
export const hostileValue: fc.Arbitrary<Tree> = fc.oneof(
  hostileText,
  fc.constantFrom<Tree>(
    null,
    true,
    0,
    5,
    [],
    { members: [] },
    [MARK],
    { members: [[MARK, MARK]] },
    { members: [['__proto__', { members: [['isAdmin', true]] }]] },
    { members: [['$ne', null]] },
    { members: [['toString', 1]] },
    { raw: '-0' },
    { raw: '1e999' },
    { raw: '-1e-999' },
    { raw: '123456789012345678901234567890' },
    { raw: '0.1e1' },
    { raw: '"\\ud800"' },
    { raw: '"\\u0000"' },
    deep('[', ']', 200),
    deep('[', ']', 30_000),
    deep('{"a":', '}', 9000),
  ),
);

/** Header values that `fetch` can send: Latin-1 without control characters. */
const headerText = fc
  .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa0, max: 0xff })), {
    maxLength: 40,
  })
  .map((codes) => String.fromCharCode(...codes));

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  Authorization: [
    'Bearer',
    'Bearer ',
    `Bearer ${MARK}`,
    'Bearer a.b.c',
    'bearer null',
    'Basic YWRhOmFkYQ==',
    `Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.`,
    `Bearer ${'e'.repeat(5000)}`,
    'Bearer \u00ff\u00fe',
    'Bearer a, Bearer b',
  ],
  'If-Match': ['*', '""', '"', 'W/"1-1"', MARK, `"${MARK}"`, '"1-1"'.repeat(40), '"é"', ', ,'],
  'If-None-Match': ['*', '"', `W/"${MARK}"`, `"${'x'.repeat(5000)}"`, '"1-1", "1-2"', ',,,'],
  'X-Request-Id': [`<${MARK}>`, 'x'.repeat(200), '../..', '{"a":1}', '\u00ff', "'; --"],
  Accept: ['text/html', 'application/xml;q=1', '*/*;q=0', MARK, 'a/b;'.repeat(200)],
  'Accept-Language': [MARK, '*', '\u00e9'],
  'Accept-Encoding': ['identity', MARK, 'gzip;q=0'],
  'X-HTTP-Method-Override': ['DELETE', MARK],
  'X-Forwarded-For': ['127.0.0.1', `${MARK}, ::1`, '\u00ff', ','.repeat(300)],
  'X-Forwarded-Host': [`${MARK}.example`],
  'X-Original-URL': ['/readyz'],
  Forwarded: [`for=${MARK};host=${MARK}`],
  Origin: ['null', '*', `https://${MARK}.example`, 'http://localhost:8081', '\u00ff'],
  Cookie: ['a=b; token=c', MARK],
  Range: ['bytes=0-', 'bytes=5-1,-,x'],
  'If-Modified-Since': ['Thu, 01 Jan 1970 00:00:00 GMT', MARK],
  'User-Agent': ['', MARK.repeat(40), '\u00ff\u00e9<script>'],
};

export type Header = readonly [name: string, value: string];

export const hostileHeader: fc.Arbitrary<Header> = fc
  .constantFrom(...Object.entries(HEADERS))
  .chain(([name, values]) =>
    fc.oneof(fc.constantFrom(...values), headerText).map((value): Header => [name, value]),
  );

/** Changes to a path that result in a similar path, or in another spelling of the same path. */
const TWISTS: readonly ((path: string) => string)[] = [
  (path) => `${path}/`,
  (path) => `/${path}`,
  (path) => path.toUpperCase(),
  (path) => `${path}%00`,
  (path) => `${path}%2f`,
  (path) => `${path}/..%2f..%2fetc%2fpasswd`,
  (path) => `${path}%0d%0aSet-Cookie:%20${MARK}`,
  (path) => `${path}/%2e%2e/%2e`,
  (path) => `${path};${MARK}=1`,
  (path) => `${path}%`,
  (path) => `${path}%zz`,
  (path) => `${path}%c0%af`,
  (path) => `${path}%ff`,
  (path) => `${path}.json`,
  (path) => `${path}/${MARK}`,
  (path) => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  (path) => `${path}?${MARK}=%00&${MARK}[]=1&__proto__[a]=1&=&&`,
  (path) => `${path}?${'a=b&'.repeat(900)}`,
  (path) => `${path}?${'x'.repeat(4200)}`,
  (path) => `${path}?%ff=%c3&%=%`,
  (path) => `/${MARK}${path}`,
];

export const twist = fc.constantFrom(...TWISTS);

/** Methods that `fetch` sends and every runtime's server knows. `raw.ts` sends others. */
export const oddMethod = fc.constantFrom(
  ...['HEAD', 'OPTIONS', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  ...['PROPFIND', 'SEARCH', 'PURGE', 'MKCOL'],
);
