// Turns a plan into a request, and sends it.
import { Answer } from '../support/api.ts';
import type { Operation } from './document.ts';
import { encode } from './encoding.ts';
import type { Header } from './hostile.ts';
import { type Credential, type Plan, toHeader } from './plan.ts';
import { placeholder, type Resolve, type Tree, toForm, toJson, toText } from './tree.ts';

const TIME_LIMIT_MS = 20_000;

export interface Sent {
  readonly method: string;
  /** The request target: path and query. */
  readonly target: string;
  readonly headers: readonly Header[];
  readonly body?: Uint8Array<ArrayBuffer>;
  /** The members of the body as text. */
  readonly fields: readonly (readonly [name: string, text: string])[];
  /** Whether the request carries the token of a session that has not ended. */
  readonly isAuthenticated: boolean;
  /** The parameters with the values that were sent. */
  readonly parameters: Plan['parameters'];
  readonly operation: Operation;
}

/** Returns the `Authorization` header of a credential, or `undefined` for `none`. */
export type Bearer = (credential: Credential) => string | undefined;

/** Builds the request of a plan with the values known so far. */
export function toSent(plan: Plan, resolve: Resolve, bearer: Bearer): Sent {
  const { method, parameters, credential, body, operation } = plan;
  const own: Header[] = parameters.flatMap(([{ name, in: place }, value]): Header[] =>
    place === 'header' ? [[name, toHeader(toText(value, resolve))]] : [],
  );
  const authorization = bearer(credential);
  const hasOwnBearer = !plan.headers.some(([name]) => name === 'Authorization');
  const headers: Header[] = [
    ...own.filter(([name]) => !plan.headers.some(([other]) => other.toLowerCase() === name)),
    ...(authorization !== undefined && hasOwnBearer
      ? [['Authorization', authorization] as const]
      : []),
    ...plan.headers,
    ...(body ? [['Content-Type', body.type] as const] : []),
  ];
  const hasBody = body !== undefined && method !== 'GET' && method !== 'HEAD';
  return {
    method,
    target: targetOf(plan, resolve),
    headers,
    ...(hasBody && { body: encode(bodyText(body.type, body.tree, resolve), body.encoding) }),
    fields: fieldsOf(body?.tree ?? null, resolve),
    isAuthenticated: hasOwnBearer && (credential === 'first' || credential === 'second'),
    parameters: parameters.map(
      ([parameter, value]) => [parameter, toText(value, resolve)] as const,
    ),
    operation,
  };
}

const fieldsOf = (tree: Tree, resolve: Resolve): Sent['fields'] =>
  typeof tree === 'object' && tree !== null && 'members' in tree
    ? tree.members.map(([name, value]) => [name, toText(value, resolve)] as const)
    : [];

const bodyText = (type: string, tree: Tree, resolve: Resolve): string =>
  type.startsWith('application/x-www-form-urlencoded')
    ? toForm(tree, resolve)
    : toJson(tree, resolve);

function targetOf({ operation, parameters, twist }: Plan, resolve: Resolve): string {
  let path = operation.path;
  const query: string[] = [];
  for (const [{ name, in: place }, value] of parameters) {
    const text = encodeURIComponent(toText(value, resolve).toWellFormed());
    if (place === 'path') path = path.replace(`{${name}}`, () => text);
    if (place === 'query') query.push(`${encodeURIComponent(name)}=${text}`);
  }
  const target = twist ? twist(path) : path;
  if (query.length === 0) return target;
  return `${target}${target.includes('?') ? '&' : '?'}${query.join('&')}`;
}

/** Sends a request without following redirects. @throws Error if no response arrives in time */
export async function send(baseUrl: string, sent: Sent): Promise<Answer> {
  const response = await fetch(baseUrl + sent.target, {
    method: sent.method,
    headers: sent.headers.map(([name, value]): [string, string] => [name, value]),
    ...(sent.body && { body: sent.body }),
    redirect: 'manual',
    signal: AbortSignal.timeout(TIME_LIMIT_MS),
  });
  return new Answer(response.status, response.headers, await response.text());
}

const SHOWN_LENGTH = 1500;
const shorten = (text: string) =>
  text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}… (${text.length} characters)` : text;

/** Formats a plan. Known values appear by name, so no token or password is printed. */
export function show(plan: Plan): string {
  const { method, target, headers } = toSent(plan, placeholder, (credential) =>
    credential === 'none' ? undefined : `Bearer ⟦token: ${credential}⟧`,
  );
  const { kind, operation, body } = plan;
  const lines = [
    `${kind} request to ${operation.id}`,
    `${method} ${shorten(target)}`,
    ...headers.map(([name, value]) => `${name}: ${shorten(JSON.stringify(value))}`),
  ];
  if (body) {
    const text = JSON.stringify(bodyText(body.type, body.tree, placeholder));
    lines.push(`body, ${body.encoding}: ${shorten(text)}`);
  }
  return lines.join('\n');
}
