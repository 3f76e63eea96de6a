// Checks a response against the OpenAPI document, and against the rules for every response.
import { trimSpace } from '../../src/core/text.ts';
import type { Answer } from '../support/api.ts';
import type { DocumentedAnswer, Operation, Schema } from './document.ts';
import { MARK } from './hostile.ts';
import { type Route, routeOf } from './routing.ts';
import type { Sent } from './sent.ts';
import { faultsOf, isValid } from './validator.ts';

const PROBLEM = 'application/problem+json';
const MAX_TARGET_LENGTH = 4096;
/** Statuses of undocumented paths: not found, another method, a trailing slash, or the docs. */
const ELSEWHERE = [200, 204, 302, 308, 404, 405, 413, 414];
const OUR_PAGES = /^\/$|^\/docs(\/|$)|^\/openapi\.json$/;

const SECURITY_HEADERS: Readonly<Record<string, RegExp>> = {
  'X-Content-Type-Options': /^nosniff$/,
  'X-Frame-Options': /^DENY$/,
  'Referrer-Policy': /^no-referrer$/,
  'Cross-Origin-Resource-Policy': /^same-origin$/,
  'Content-Security-Policy': /default-src 'none'.*frame-ancestors 'none'/,
  'X-Request-Id': /^[\w=-]{1,128}$/,
};

const INTERNALS =
  /SQLITE|select |insert |update |delete from|at \w+ \(|node_modules|drizzle|zod|\.ts\b/i;

export interface Oracle {
  /** Returns all faults of a response; an empty list if it is as documented. */
  complaintsOf(sent: Sent, answer: Answer): readonly string[];
}

/** Creates an oracle. It remembers the status and title of each problem code, which must not change. */
export function createOracle(operations: readonly Operation[]): Oracle {
  const words = new Map<string, string>();
  const uriProblem = [...operations]
    .flatMap(({ answers }) => answers.get(414) ?? [])
    .flatMap(({ content }) => content.get(PROBLEM) ?? [])[0];

  return {
    complaintsOf(sent, answer) {
      const route = routeOf(operations, sent);
      const documented = route.operation?.answers.get(answer.status);
      const isElsewhere = !route.operation || route.isOddlyWritten;
      return [
        ...statusComplaints(sent, answer, route),
        ...headerComplaints(sent, answer, route),
        ...(documented
          ? contentComplaints(sent, answer, documented)
          : isElsewhere && uriProblem && answer.status >= 400
            ? problemContent(sent, answer, uriProblem)
            : []),
        ...(answer.status >= 400 && sent.method !== 'HEAD'
          ? problemComplaints(answer, documented, words)
          : []),
      ];
    },
  };
}

function statusComplaints(sent: Sent, answer: Answer, route: Route): string[] {
  const { operation, isOddlyWritten, siblings, path } = route;
  const { status } = answer;
  const complaints: string[] = [];
  if (status >= 500) complaints.push(`the status is ${status}`);
  const expected = operation
    ? [...operation.answers.keys(), ...(isOddlyWritten ? [404] : [])]
    : siblings.length > 0
      ? [sent.method === 'OPTIONS' ? 204 : 405, 413, 414, ...(isOddlyWritten ? [404] : [])]
      : ELSEWHERE;
  if (!expected.includes(status)) complaints.push(`the status ${status} is not documented`);
  if (siblings.length === 0 && status === 200 && !OUR_PAGES.test(path)) {
    complaints.push('an undocumented path answers 200');
  }
  const isTooLong = sent.target.length > MAX_TARGET_LENGTH;
  if (isTooLong && status < 400) complaints.push('a URL over the limit is accepted');
  if (!isTooLong && status === 414)
    complaints.push('a URL within the limit is rejected as too long');
  if (operation && status < 400) complaints.push(...wronglyTaken(sent, operation));
  return complaints;
}

/** Reasons why a request that succeeded should have been rejected. */
function wronglyTaken(sent: Sent, operation: Operation): string[] {
  const complaints: string[] = [];
  if (operation.isProtected && !sent.isAuthenticated)
    complaints.push('a request without a valid token succeeded');
  if (operation === sent.operation) {
    for (const [{ name, schema }, value] of sent.parameters) {
      if (!isValid(value, schema)) complaints.push(`${name} violates its schema`);
    }
  }
  if (operation.bodies.size > 0) complaints.push(...bodyFaults(sent, operation));
  return complaints;
}

/** Reasons why a body should have been rejected. The fields of a form are not checked. */
function bodyFaults({ headers, body }: Sent, { bodies }: Operation): string[] {
  const given = headers.find(([name]) => name === 'Content-Type')?.[1] ?? '';
  const type = given.split(';')[0]?.trim().toLowerCase() ?? '';
  const schema = bodies.get(type);
  if (!schema || !body) return [`a body of the type ${JSON.stringify(type)} was accepted`];
  if (!type.endsWith('json')) return [];
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    // The length of a password is counted in its NFC form, which JSON Schema cannot express.
    const forms: unknown[] = [text, text.normalize('NFC')].map((form) => JSON.parse(form));
    const isTaken = forms.some(
      (value) => isValid(value, schema) || isValid(trimmed(value), schema),
    );
    return isTaken ? [] : ['a body that violates its schema was accepted'];
  } catch {
    return ['a body that is not JSON was accepted'];
  }
}

/** The API trims these members before it validates them. */
const TRIMMED_MEMBERS = /^(email|phone|username)$/;

const trimmed = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && !Array.isArray(body)
    ? Object.fromEntries(
        Object.entries(body).map(([name, value]) => [
          name,
          typeof value === 'string' && TRIMMED_MEMBERS.test(name) ? trimSpace(value) : value,
        ]),
      )
    : body;

function headerComplaints(sent: Sent, answer: Answer, { operation, siblings }: Route): string[] {
  const { headers, status } = answer;
  const complaints = Object.entries(SECURITY_HEADERS).flatMap(([name, expected]) =>
    expected.test(headers.get(name) ?? '') ? [] : [`${name} is ${headers.get(name)}`],
  );
  const caching = headers.get('Cache-Control') ?? 'missing';
  const isPrivate = status >= 400 || operation?.isProtected || sent.method === 'POST';
  if (isPrivate ? caching !== 'no-store' : caching === 'missing') {
    complaints.push(`Cache-Control is ${caching}`);
  }
  for (const [name, value] of headers) {
    if (name !== 'location' && value.includes(MARK)) complaints.push(`${name} echoes the input`);
    if (name === 'set-cookie') complaints.push('a cookie is set');
  }
  if (status === 405) {
    const allowed = (headers.get('Allow') ?? '').split(', ');
    const missing = siblings.filter(({ method }) => !allowed.includes(method));
    if (missing.length > 0) complaints.push(`Allow is ${headers.get('Allow')}`);
    if (allowed.includes(sent.method)) complaints.push(`Allow names the refused ${sent.method}`);
  }
  return complaints;
}

const mediaTypeOf = ({ headers }: Answer): string =>
  (headers.get('Content-Type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

function contentComplaints(sent: Sent, answer: Answer, documented: DocumentedAnswer): string[] {
  const missing = documented.headers.filter((name) => !answer.headers.has(name));
  const complaints = missing.map((name) => `the header ${name} is missing`);
  if (sent.method === 'HEAD' || documented.content.size === 0) {
    return answer.text === ''
      ? complaints
      : [...complaints, 'there is a body where none is documented'];
  }
  const type = mediaTypeOf(answer);
  const schema = documented.content.get(type);
  if (!schema) return [...complaints, `the content type ${JSON.stringify(type)} is not documented`];
  return [...complaints, ...bodyComplaints(answer, schema)];
}

function problemContent(sent: Sent, answer: Answer, schema: Schema): string[] {
  if (sent.method === 'HEAD') return answer.text === '' ? [] : ['there is a body on HEAD'];
  if (mediaTypeOf(answer) !== PROBLEM) return [`the content type is ${mediaTypeOf(answer)}`];
  return bodyComplaints(answer, schema);
}

function bodyComplaints({ body }: Answer, schema: Schema): string[] {
  if (body === undefined) return ['the body is not JSON'];
  return faultsOf(body, schema).map((fault) => `the body violates its schema: ${fault}`);
}

/** Checks that a problem follows RFC 9457, agrees with its response, keeps its title and echoes no input. */
function problemComplaints(
  answer: Answer,
  documented: DocumentedAnswer | undefined,
  words: Map<string, string>,
): string[] {
  const { status, text, headers } = answer;
  const complaints: string[] = [];
  const code = String(answer.at('code'));
  const requestId = headers.get('X-Request-Id');
  if (answer.at('status') !== status) complaints.push(`the problem says ${answer.at('status')}`);
  if (answer.at('request_id') !== requestId) complaints.push('request_id is not X-Request-Id');
  if (answer.at('instance') !== `urn:latchkey:request:${requestId}`) {
    complaints.push('instance does not name the request');
  }
  if (answer.at('type') !== `urn:latchkey:problem:${code}`) complaints.push('type is not its code');
  if (documented && !documented.description.includes(`\`${code}\``)) {
    complaints.push(`the code ${code} is not documented for ${status}`);
  }
  const said = `${status} ${answer.at('title')}`;
  if ((words.get(code) ?? said) !== said) complaints.push(`${code} was ${words.get(code)} before`);
  words.set(code, said);
  if (text.includes(MARK)) complaints.push('the problem echoes the input');
  if (INTERNALS.test(text)) complaints.push('the problem reveals internals');
  return complaints;
}
