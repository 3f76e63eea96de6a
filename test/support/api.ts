import { randomUUID } from 'node:crypto';

/** A response with its complete body. */
export class Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body of a file. */
  readonly bytes: Uint8Array<ArrayBuffer>;

  constructor(status: number, headers: Headers, text: string, bytes = new Uint8Array()) {
    this.status = status;
    this.headers = headers;
    this.text = text;
    this.bytes = bytes;
  }

  /** The body as JSON; `undefined` if it is not JSON. */
  get body(): unknown {
    try {
      return JSON.parse(this.text);
    } catch {
      return undefined;
    }
  }

  /** Returns a member of the JSON body by its path, such as `data.user.id`. */
  at(path: string): unknown {
    return path
      .split('.')
      .reduce<unknown>(
        (value, key) =>
          typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined,
        this.body,
      );
  }
}

/** A request and its response. They are compared with the OpenAPI document at the end of a run. */
export interface Observation {
  readonly method: string;
  readonly path: string;
  readonly answer: Answer;
}

export interface Account {
  readonly id: number;
  readonly email: string;
  readonly password: string;
  readonly token: string;
  /** The header field that authorizes requests of this account. */
  readonly bearer: { readonly Authorization: string };
}

type HeaderRecord = Readonly<Record<string, string>>;

/** Calls an API at a base URL and records every response. */
export class Api {
  readonly baseUrl: string;
  readonly observations: Observation[] = [];

  constructor(baseUrl: string) {
    this.baseUrl = baseUrl;
  }

  async request(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`${this.baseUrl}${path}`, { redirect: 'manual', ...init, method });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const text = new TextDecoder().decode(bytes);
    const answer = new Answer(response.status, response.headers, text, bytes);
    this.observations.push({ method, path: path.split('?')[0] ?? path, answer });
    return answer;
  }

  get(path: string, headers: HeaderRecord = {}): Promise<Answer> {
    return this.request('GET', path, { headers });
  }

  json(method: string, path: string, body: unknown, headers: HeaderRecord = {}): Promise<Answer> {
    return this.request(method, path, {
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  form(path: string, fields: HeaderRecord): Promise<Answer> {
    return this.request('POST', path, { body: new URLSearchParams(fields) });
  }

  logIn(username: string, password: string): Promise<Answer> {
    return this.form('/auth/login', { username, password });
  }

  /** Signs up a new user and logs in. */
  async newAccount(email = uniqueEmail()): Promise<Account> {
    const password = 'analytical engine';
    const signUp = await this.json('POST', '/auth/signup', { email, password });
    const token = String((await this.logIn(email, password)).at('access_token'));
    const bearer = { Authorization: `Bearer ${token}` };
    return { id: Number(signUp.at('id')), email, password, token, bearer };
  }
}

export const uniqueEmail = (): string => `user-${randomUUID()}@example.com`;

let phones = 0;

/** Returns a valid Indian mobile number that is unique within a run. */
export function uniquePhone(): string {
  const base = 6_000_000_000 + (Date.now() % 1_000_000) * 1000;
  return String(base + phones++);
}
