import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { type Answer, Api, uniqueEmail } from './api.ts';
import type { AttackTally } from './attack-tally.ts';

/** One user of the load: what was asked for it, and what was acknowledged. */
export interface Person {
  readonly email: string;
  readonly password: string;
  /** Whether the server has said that the account is there. */
  isSignedUp: boolean;
  /** Of the newest login or refresh that was acknowledged. */
  tokens: { readonly access: string; readonly refresh: string } | undefined;
  /** Of the newest version that was acknowledged. */
  etag: string | undefined;
  /** The newest number in the profile that was acknowledged; 0 for none. */
  written: number;
  /** The newest that was sent. */
  sent: number;
}

/** Clients that go on whatever happens: they try again until they are answered. */
export interface AttackLoad {
  readonly people: readonly Person[];
  /** Resolves when so many writes more have been acknowledged. */
  moreWrites(count: number): Promise<void>;
  /** Resolves when so many requests more have failed, with a 503 or without an answer. */
  moreFailures(count: number): Promise<void>;
  /** Sends nothing more, and resolves when nothing is under way. */
  pause(): Promise<void>;
  /** Goes on with what was not answered, at this address. */
  resume(baseUrl: string): void;
  /** How long the slowest request has taken, in milliseconds. */
  slowest(): number;
}

const PROFILE_WRITES = 6;
const PAUSE_MS = 25;

export const bearerOf = ({ tokens }: Person) => ({ Authorization: `Bearer ${tokens?.access}` });
export const nameOf = (written: number): string => `Number ${written}`;

/**
 * Starts clients that sign up, log in, read, change their profiles and refresh, all at once. Every change is
 * upon the version that was read, so that a change which was done twice would be seen.
 *
 * What they are answered must be what was done: a first try succeeds or answers 503; a further one may find
 * done what had not been acknowledged (400 `email_taken`, 412). Anything else fails the next call.
 */
export function startAttackLoad(baseUrl: string, clients: number, tally: AttackTally): AttackLoad {
  let api = new Api(baseUrl);
  const people: Person[] = [];
  let isPaused = false;
  let isOver = false;
  let underWay = 0;
  let failures = 0;
  let slowest = 0;
  let fault: { readonly error: unknown } | undefined;

  /** An answer, or `undefined` for a 503 or none. */
  async function attempt(send: (api: Api) => Promise<Answer>): Promise<Answer | undefined> {
    while (isPaused && !isOver) await delay(PAUSE_MS);
    if (isOver) throw new Error('The test is over');
    tally.requests += 1;
    underWay += 1;
    const begun = performance.now();
    try {
      const answer = await send(api).catch(() => undefined);
      if (answer?.status !== 503) {
        if (!answer) failures += 1;
        return answer;
      }
      failures += 1;
      // A machine that stands still for a second is no fault of the server's: it is tried again as well.
      expect(['database_unavailable', 'overloaded']).toContain(answer.at('code'));
      expect(answer.headers.get('Retry-After')).toMatch(/^\d+$/);
      return undefined;
    } finally {
      slowest = Math.max(slowest, performance.now() - begun);
      underWay -= 1;
    }
  }

  async function insist(send: (api: Api) => Promise<Answer>) {
    for (let tries = 1; ; tries++) {
      const answer = await attempt(send);
      if (answer) return { answer, isFirst: tries === 1 };
      await delay(PAUSE_MS);
    }
  }

  async function signUp(person: Person): Promise<void> {
    const { email, password } = person;
    const { answer, isFirst } = await insist((to) =>
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
    const { answer } = await insist((to) => to.logIn(person.email, person.password));
    takeTokens(person, answer);
  }

  async function refresh(person: Person): Promise<void> {
    const { answer } = await insist((to) =>
      to.json('POST', '/auth/refresh', { refresh_token: person.tokens?.refresh }),
    );
    takeTokens(person, answer);
  }

  function takeTokens(person: Person, answer: Answer): void {
    expect([answer.status, answer.at('code')]).toEqual([200, undefined]);
    const [access, refresh] = [answer.at('access_token'), answer.at('refresh_token')].map(String);
    person.tokens = { access: access ?? '', refresh: refresh ?? '' };
    tally.acknowledged += 1;
  }

  async function read(person: Person): Promise<Answer> {
    const { answer } = await insist((to) => to.get('/profile/me', bearerOf(person)));
    expect([answer.status, answer.at('code')]).toEqual([200, undefined]);
    person.etag = answer.headers.get('ETag') ?? '';
    return answer;
  }

  async function write(person: Person): Promise<void> {
    person.sent += 1;
    const { sent, etag = '' } = person;
    const body = { name: nameOf(sent), bio: String(sent) };
    const method = sent % 2 === 0 ? 'PUT' : 'PATCH';
    const { answer, isFirst } = await insist((to) =>
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
    isOver = true;
  });
  for (let i = 0; i < clients; i++) {
    client().catch((error: unknown) => {
      fault ??= { error };
    });
  }

  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo() && !fault) await delay(5);
    if (fault) throw fault.error;
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
      return until(() => underWay === 0);
    },
    resume(baseUrl) {
      api = new Api(baseUrl);
      isPaused = false;
    },
  };
}
