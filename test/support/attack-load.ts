import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { type Answer, Api, uniqueEmail } from './api.ts';
import type { AttackTally } from './attack-tally.ts';

/** One user of the load, with the requested and the acknowledged state. */
export interface Person {
  readonly email: string;
  readonly password: string;
  /** Whether the server has acknowledged the sign-up. */
  isSignedUp: boolean;
  /** The tokens from the newest acknowledged login or refresh. */
  tokens: { readonly access: string; readonly refresh: string } | undefined;
  /** The ETag of the newest acknowledged version of the profile. */
  etag: string | undefined;
  /** The newest acknowledged number in the profile; 0 if there is none. */
  written: number;
  /** The newest number that was sent. */
  sent: number;
}

/** Clients that retry every request until they get a response. */
export interface AttackLoad {
  readonly people: readonly Person[];
  /** Resolves when the server has acknowledged this many more writes. */
  moreWrites(count: number): Promise<void>;
  /** Resolves when this many more requests have failed, with a 503 or without a response. */
  moreFailures(count: number): Promise<void>;
  /** Stops sending. Resolves when no request is in flight. */
  pause(): Promise<void>;
  /** Retries the requests without a response, and then continues, at this URL. */
  resume(baseUrl: string): void;
  /** The duration of the slowest request, in milliseconds. */
  slowest(): number;
}

const PROFILE_WRITES = 6;
const PAUSE_MS = 25;

export const bearerOf = ({ tokens }: Person) => ({ Authorization: `Bearer ${tokens?.access}` });
export const nameOf = (written: number): string => `Number ${written}`;

/**
 * Starts concurrent clients that sign up, log in, read, change their profiles and refresh. Every change names the
 * version that it is based on, so that a change that was applied twice is detected.
 *
 * A first attempt must succeed or return 503. A retry may also find that an earlier, unacknowledged attempt succeeded
 * (400 `email_taken`, 412). Any other response fails the next call of this load.
 */
export function startAttackLoad(baseUrl: string, clients: number, tally: AttackTally): AttackLoad {
  let api = new Api(baseUrl);
  const people: Person[] = [];
  let isPaused = false;
  let isStopped = false;
  let inFlight = 0;
  let failures = 0;
  let slowest = 0;
  let failure: { readonly error: unknown } | undefined;

  /** Returns the response, or `undefined` for a 503 or a failed connection. */
  async function attempt(send: (api: Api) => Promise<Answer>): Promise<Answer | undefined> {
    while (isPaused && !isStopped) await delay(PAUSE_MS);
    if (isStopped) throw new Error('The test is over');
    tally.requests += 1;
    inFlight += 1;
    const startedAt = performance.now();
    try {
      const answer = await send(api).catch(() => undefined);
      if (answer?.status !== 503) {
        if (!answer) failures += 1;
        return answer;
      }
      failures += 1;
      // `overloaded` is accepted too, because a test machine may stall for a second, which is not an error of the
      // server.
      expect(['database_unavailable', 'overloaded']).toContain(answer.at('code'));
      expect(answer.headers.get('Retry-After')).toMatch(/^\d+$/);
      return undefined;
    } finally {
      slowest = Math.max(slowest, performance.now() - startedAt);
      inFlight -= 1;
    }
  }

  /** Sends a request until the response is not a 503. */
  async function retryUntilAnswered(send: (api: Api) => Promise<Answer>) {
    for (let tries = 1; ; tries++) {
      const answer = await attempt(send);
      if (answer) return { answer, isFirst: tries === 1 };
      await delay(PAUSE_MS);
    }
  }

  async function signUp(person: Person): Promise<void> {
    const { email, password } = person;
    const { answer, isFirst } = await retryUntilAnswered((to) =>
      to.json('POST', '/auth/signup', { email, password }),
    );
    if (isFirst || answer.status === 201) {
      expect([answer.status, answer.text]).toEqual([201, expect.any(String)]);
      tally.acknowledged += 1;
    } else {
      expect(answer.at('code')).toBe('email_taken');
    }
    person.isSignedUp = true;
  }

  async function logIn(person: Person): Promise<void> {
    const { answer } = await retryUntilAnswered((to) => to.logIn(person.email, person.password));
    keepTokens(person, answer);
  }

  async function refresh(person: Person): Promise<void> {
    const { answer } = await retryUntilAnswered((to) =>
      to.json('POST', '/auth/refresh', { refresh_token: person.tokens?.refresh }),
    );
    keepTokens(person, answer);
  }

  function keepTokens(person: Person, answer: Answer): void {
    expect([answer.status, answer.at('code')]).toEqual([200, undefined]);
    const [access, refresh] = [answer.at('access_token'), answer.at('refresh_token')].map(String);
    person.tokens = { access: access ?? '', refresh: refresh ?? '' };
    tally.acknowledged += 1;
  }

  async function read(person: Person): Promise<Answer> {
    const { answer } = await retryUntilAnswered((to) => to.get('/profile/me', bearerOf(person)));
    expect([answer.status, answer.at('code')]).toEqual([200, undefined]);
    person.etag = answer.headers.get('ETag') ?? '';
    return answer;
  }

  async function write(person: Person): Promise<void> {
    person.sent += 1;
    const { sent, etag = '' } = person;
    const body = { name: nameOf(sent), bio: String(sent) };
    const method = sent % 2 === 0 ? 'PUT' : 'PATCH';
    const { answer, isFirst } = await retryUntilAnswered((to) =>
      to.json(method, '/profile/me', body, { ...bearerOf(person), 'If-Match': etag }),
    );
    if (isFirst || answer.status === 200) {
      expect([answer.status, answer.body]).toEqual([200, expect.objectContaining(body)]);
      person.etag = answer.headers.get('ETag') ?? '';
      tally.acknowledged += 1;
    } else {
      expect(answer.status).toBe(412);
      expect((await read(person)).body).toMatchObject(body);
    }
    person.written = sent;
  }

  async function client(): Promise<never> {
    for (;;) {
      const person: Person = {
        email: uniqueEmail(),
        password: 'analytical engine',
        isSignedUp: false,
        tokens: undefined,
        etag: undefined,
        written: 0,
        sent: 0,
      };
      people.push(person);
      await signUp(person);
      await logIn(person);
      await read(person);
      for (let i = 1; i <= PROFILE_WRITES; i++) {
        await write(person);
        if (i % 2 === 0) await refresh(person);
      }
    }
  }

  onTestFinished(() => {
    isStopped = true;
  });
  for (let i = 0; i < clients; i++) {
    client().catch((error: unknown) => {
      failure ??= { error };
    });
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition() && !failure) await delay(5);
    if (failure) throw failure.error;
  }

  return {
    people,
    slowest: () => slowest,
    moreWrites(count) {
      const enough = tally.acknowledged + count;
      return until(() => tally.acknowledged >= enough);
    },
    moreFailures(count) {
      const enough = failures + count;
      return until(() => failures >= enough);
    },
    pause() {
      isPaused = true;
      return until(() => inFlight === 0);
    },
    resume(baseUrl) {
      api = new Api(baseUrl);
      isPaused = false;
    },
  };
}
