import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { userRoles } from '../../src/core/db/account-schema.ts';
import { type Operation, operationsOf } from '../fuzz/document.ts';
import { createOracle, type Oracle } from '../fuzz/oracle.ts';
import type { Sent } from '../fuzz/sent.ts';
import { Answer } from '../support/api.ts';
import { MemoryFiles } from '../support/memory-files.ts';
import { anyCodeUnits, anyText } from '../support/odd-texts.ts';
import { bearer, createTestApp, form, newUser, type TestApp } from '../support/test-app.ts';

/** Runs per operation, so that a test takes as long for many operations as for few. */
const runsOf = (all: number, count: number): number => Math.max(4, Math.ceil(all / count));
const BODY_RUNS = 700;
const HEADER_RUNS = 200;
const ID_RUNS = 400;
const QUERY_RUNS = 500;
const MINUTE = 60_000;

let api: TestApp;
let operations: readonly Operation[];
let oracle: Oracle;
let user: Awaited<ReturnType<typeof newUser>>;
let token: string;

beforeAll(async () => {
  // One trusted proxy, so that X-Forwarded-For is read.
  api = await createTestApp({ TRUSTED_PROXY_HOPS: '1' }, { files: new MemoryFiles() });
  operations = operationsOf(await (await api.app.request('/openapi.json')).json());
  oracle = createOracle(operations);
  user = await newUser(api.app);
  token = user.token;
  // So that the operations of administrators do more than to refuse the caller.
  await api.db.insert(userRoles).values({ userId: user.id, role: 'admin', grantedAt: 1 });
});

/** Sends a request to an operation and checks the response against the document. */
async function expectDocumented(operation: Operation, change: Partial<Sent> = {}): Promise<Answer> {
  const isRefused =
    (await api.app.request('/profile/me', { headers: bearer(token) })).status === 401;
  if (isRefused) await logIn();
  const sent: Sent = {
    operation,
    method: operation.method,
    target: operation.path.replaceAll(/\{[^}]+\}/g, 'x'),
    headers: [],
    parameters: [],
    fields: [],
    isAuthenticated: !change.headers?.some(([name]) => name === 'Authorization'),
    ...change,
  };
  const headers = new Headers(sent.isAuthenticated ? bearer(token) : {});
  for (const [name, value] of sent.headers) headers.set(name, value);
  const hasBody = sent.body !== undefined && sent.method !== 'GET';
  const { method, target, body } = sent;
  const init = { method, headers, ...(hasBody && body && { body }) };
  // An absolute URL: a relative reference that starts with `//` would name another host.
  const response = await api.app.request(new Request(`http://localhost${target}`, init));
  const answer = new Answer(response.status, response.headers, await response.text());
  expect([sent.method, target, ...oracle.complaintsOf(sent, answer)]).toEqual([method, target]);
  return answer;
}

async function logIn(): Promise<void> {
  const { email, password } = user;
  const answer = await api.app.request('/auth/login', form({ username: email, password }));
  token = String(((await answer.json()) as { access_token: unknown }).access_token);
}

const withBody = () =>
  operations.flatMap((operation) =>
    [...operation.bodies].map(([type, schema]) => ({ operation, type, schema })),
  );

const sendBody = (operation: Operation, type: string, body: Uint8Array<ArrayBuffer>) =>
  expectDocumented(operation, { body, headers: [['Content-Type', type]] });

const utf8 = new TextEncoder();

/** The text of a form field. Other values become JSON, because an arbitrary object may have no `toString`. */
const textInForm = (field: unknown): string =>
  typeof field === 'string' ? field : JSON.stringify(field);

describe('[S31] any body, sent to every operation that takes one', () => {
  test(
    'any bytes',
    async () => {
      const bytes = fc.uint8Array({ maxLength: 80 }).map((some) => new Uint8Array(some));
      const all = withBody();
      for (const { operation, type } of all) {
        const property = fc.asyncProperty(bytes, async (body) => {
          await sendBody(operation, type, body);
        });
        await fc.assert(property, { numRuns: runsOf(BODY_RUNS, all.length) });
      }
    },
    MINUTE,
  );

  test(
    'any JSON',
    async () => {
      const all = withBody();
      for (const { operation, type } of all) {
        const property = fc.asyncProperty(fc.json({ stringUnit: 'binary' }), async (body) => {
          await sendBody(operation, type, utf8.encode(body));
        });
        await fc.assert(property, { numRuns: runsOf(BODY_RUNS, all.length) });
      }
    },
    MINUTE,
  );

  test(
    'the documented fields with any values',
    async () => {
      const value = fc.oneof(anyText, anyCodeUnits, fc.jsonValue());
      // A file has no fields.
      const all = withBody().filter(({ schema }) => schema.properties);
      for (const { operation, type, schema } of all) {
        const names = Object.keys(schema.properties ?? {});
        const body = fc.dictionary(fc.constantFrom(...names), value, { minKeys: 1 });
        const property = fc.asyncProperty(body, async (fields) => {
          const isForm = !type.endsWith('json');
          const pairs = Object.entries(fields).map(([name, field]) => [name, textInForm(field)]);
          const text = isForm ? new URLSearchParams(pairs).toString() : JSON.stringify(fields);
          await sendBody(operation, type, utf8.encode(text));
        });
        await fc.assert(property, { numRuns: runsOf(BODY_RUNS, all.length) });
      }
    },
    MINUTE,
  );
});

describe('[S31] any header, sent to every operation', () => {
  /** Everything that `Headers` accepts: no NUL, carriage return or line feed. */
  const anyHeader = fc
    .array(
      fc.integer({ min: 0, max: 0xff }).filter((code) => ![0, 0x0a, 0x0d].includes(code)),
      { maxLength: 60 },
    )
    .map((codes) => String.fromCharCode(...codes));
  const addresses = fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), anyHeader), { maxLength: 4 });

  test.each([
    [
      'If-Match',
      fc.oneof(
        anyHeader,
        anyHeader.map((text) => `"${text}"`),
      ),
    ],
    [
      'If-None-Match',
      fc.oneof(
        anyHeader,
        anyHeader.map((text) => `W/"${text}"`),
      ),
    ],
    [
      'Authorization',
      fc.oneof(
        anyHeader,
        anyHeader.map((text) => `Bearer ${text}`),
      ),
    ],
    [
      'Content-Type',
      fc.oneof(
        anyHeader,
        anyHeader.map((text) => `application/json;${text}`),
      ),
    ],
    ['X-Request-Id', anyHeader],
    ['X-Forwarded-For', addresses.map((list) => list.join(','))],
    ['Origin', fc.oneof(anyHeader, fc.webUrl())],
    ['User-Agent', anyHeader],
    ['Accept', anyHeader],
    ['Cookie', anyHeader],
  ])(
    '%s',
    async (name, values) => {
      const body = utf8.encode('{}');
      for (const operation of operations) {
        const [type = 'application/json'] = operation.bodies.keys();
        const property = fc.asyncProperty(values, async (value) => {
          const headers = [...(name === 'Content-Type' ? [] : [['Content-Type', type] as const])];
          await expectDocumented(operation, { body, headers: [...headers, [name, value]] });
        });
        await fc.assert(property, { numRuns: runsOf(HEADER_RUNS, operations.length) });
      }
    },
    MINUTE,
  );
});

describe('[S31] any URL', () => {
  const encoded = fc.oneof(
    anyText.map((text) => encodeURIComponent(text.toWellFormed())),
    fc.stringMatching(/^(%[0-9a-fA-F]{0,2}|[a-z./;:@-]){0,12}$/),
  );

  test(
    'an id of any text gets a documented error or a redirect',
    async () => {
      const named = operations.filter(({ path }) => path.includes('{'));
      expect(named.length).toBeGreaterThan(0);
      for (const operation of named) {
        const property = fc.asyncProperty(encoded, async (id) => {
          const target = operation.path.replaceAll(/\{[^}]+\}/g, () => id);
          const answer = await expectDocumented(operation, { target });
          expect(answer.status).toBeGreaterThanOrEqual(300);
        });
        await fc.assert(property, { numRuns: runsOf(ID_RUNS, named.length) });
      }
    },
    MINUTE,
  );

  test(
    'a query of any text gets a documented response',
    async () => {
      const queries = operations.flatMap((operation) =>
        operation.parameters
          .filter(({ in: place }) => place === 'query')
          .map(({ name }) => ({ operation, name })),
      );
      for (const { operation, name } of queries) {
        const property = fc.asyncProperty(encoded, async (text) => {
          const value = text.replaceAll('/', '');
          await expectDocumented(operation, { target: `${operation.path}?${name}=${value}` });
        });
        await fc.assert(property, { numRuns: runsOf(QUERY_RUNS, queries.length) });
      }
    },
    MINUTE,
  );

  test(
    'a path of any text gets a response that the rules allow',
    async () => {
      const [operation] = operations;
      if (!operation) throw new Error('The document has no operation');
      const property = fc.asyncProperty(encoded, async (path) => {
        await expectDocumented(operation, { method: 'GET', target: `/${path}` });
      });
      await fc.assert(property, { numRuns: 300 });
    },
    MINUTE,
  );
});

test('[S30] none of these requests caused an internal error', () => {
  expect(api.logs.length).toBeGreaterThan(1000);
  expect(api.logs.filter((line) => line.includes('internal_error'))).toEqual([]);
});
