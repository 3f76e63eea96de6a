// The accounts of a run: two whose tokens the fuzzer uses, and a bystander of which it uses only the ids.
import { type Answer, Api } from '../support/api.ts';
import { createKnowledge, type Knowledge } from './knowledge.ts';
import { createPerson, logIn, MAX_FAILURES, type Person } from './person.ts';
import type { Credential, Plan } from './plan.ts';
import type { Sent } from './sent.ts';

/** Part of the bystander's profile. No response to another user may contain it. */
const SECRET = 'Wx4-only-the-bystander-reads-this';

/** Problem codes of the failures that count towards an account's lockout. */
const WRONG_PASSWORD = [
  'wrong_email_or_password',
  'wrong_phone_or_password',
  'wrong_current_password',
];

export interface People {
  readonly knowledge: Knowledge;
  /** The `Authorization` header of a credential. */
  bearer(credential: Credential): string | undefined;
  /** Updates the accounts after a response. Returns the faults of the response. */
  follow(plan: Plan, sent: Sent, answer: Answer): Promise<readonly string[]>;
  /** The bystander's session id, user id, email address and phone number. */
  readonly foreignIds: readonly string[];
  /** Checks that the two users can still log in and that the bystander's account is unchanged. */
  complaints(): Promise<readonly string[]>;
}

/** Signs up the accounts. @throws Error if the API rejects a signup or a login */
export async function createPeople(baseUrl: string): Promise<People> {
  const api = new Api(baseUrl);
  const own = {
    first: await createPerson(api, 'First'),
    second: await createPerson(api, 'Second'),
  };
  const bystander = await createPerson(api, SECRET);
  await api.json('PUT', '/profile/me', { bio: SECRET }, bystander.login().bearer);
  const ended = await logIn(api, own.first.email, own.first.password());
  await api.request('POST', '/auth/logout', { headers: ended.bearer });
  const before = await look(api, bystander);
  const identities = new Map<Person, string>();
  for (const person of Object.values(own))
    identities.set(person, (await look(api, person)).identity);

  const knowledge = createKnowledge();
  const everyone = () => [own.first, own.second, bystander];
  knowledge.pin('email', () => everyone().map(({ email }) => email));
  knowledge.pin('phone', () => everyone().map(({ phone }) => phone));
  knowledge.pin('password', () => [own.first.password(), own.second.password(), 'not theirs']);
  const foreignIds = [before.sessionId, before.id, bystander.email, bystander.phone];
  knowledge.pin('sessions.id', () => everyone().map((person) => person.login().sessionId));
  knowledge.pin('refresh_token', () =>
    [own.first, own.second].map((person) => person.login().refreshToken),
  );

  const mayHaveEnded = new Set<Person>();
  let failures = 0;

  /** Ten wrong passwords in a row lock an account. A successful login before that resets the count. */
  async function forgetFailures(answer: Answer): Promise<void> {
    if (!WRONG_PASSWORD.includes(String(answer.at('code')))) return;
    failures += 1;
    if (failures < MAX_FAILURES) return;
    failures = 0;
    for (const person of Object.values(own)) await person.logInAnew();
  }

  /** Logs a person in again if their session has ended. */
  async function comeBack(name: 'first' | 'second'): Promise<void> {
    const person = own[name];
    mayHaveEnded.delete(person);
    if ((await api.get('/profile/me', person.login().bearer)).status === 200) return;
    // A new account replaces one that can no longer log in.
    if (await person.logInAnew()) return;
    own[name] = await createPerson(api, name);
    identities.set(own[name], (await look(api, own[name])).identity);
  }

  return {
    knowledge,
    foreignIds,
    bearer: (credential) => {
      if (credential === 'none') return undefined;
      return (credential === 'ended' ? ended : own[credential].login()).bearer.Authorization;
    },
    async follow(plan, sent, answer) {
      const { credential, operation } = plan;
      const complaints = answer.text.includes(SECRET)
        ? ['the response contains data of another account']
        : [];
      const mayEndSession =
        operation.method !== 'GET' &&
        (answer.status < 300 || answer.at('code') === 'invalid_refresh_token');
      await forgetFailures(answer);
      if (answer.status < 300) knowledge.learn(answer);
      if (mayEndSession) for (const person of Object.values(own)) mayHaveEnded.add(person);
      if (credential !== 'first' && credential !== 'second') return complaints;

      if (plan.headers.some(([name]) => name === 'Authorization')) return complaints;
      const isRefused = answer.at('code') === 'invalid_token';
      if (isRefused && !mayHaveEnded.has(own[credential])) {
        complaints.push('a token was rejected although its session has not ended');
      }
      if (operation.isProtected && mayEndSession) {
        for (const [field, text] of sent.fields) {
          if (field.includes('password')) own[credential].mayHavePassword(text);
        }
      }
      if (isRefused || (operation.isProtected && mayEndSession)) await comeBack(credential);
      return complaints;
    },
    async complaints() {
      const complaints: string[] = [];
      for (const person of Object.values(own)) {
        if (!(await person.logInAnew())) complaints.push(`${person.email} cannot log in any more`);
        else if ((await look(api, person)).identity !== identities.get(person)) {
          complaints.push(`${person.email} is another account now`);
        }
      }
      const after = await look(api, bystander);
      if (after.everything !== before.everything) {
        complaints.push(`the bystander was\n${before.everything}\nand is\n${after.everything}`);
      }
      const ready = await api.get('/readyz');
      if (ready.status !== 200) complaints.push(`/readyz answers ${ready.status}`);
      return complaints;
    },
  };
}

/** Reads a person’s account with their token. Leaves out failed logins and lockouts, which anyone can cause. */
async function look(api: Api, person: Person) {
  const { bearer, sessionId } = person.login();
  const profile = await api.get('/profile/me', bearer);
  const sessions = await api.get('/auth/sessions', bearer);
  const activity = await api.get('/auth/activity', bearer);
  if (![profile, sessions, activity].every(({ status }) => status === 200)) {
    throw new Error(`The account of ${person.email} cannot be read: ${profile.text}`);
  }
  const events = activity.at('events') as readonly {
    id: number;
    action: string;
    outcome: string;
  }[];
  const own = events
    .filter(({ action, outcome }) => outcome === 'success' && action !== 'lockout')
    .map(({ id }) => id);
  const ids = (sessions.at('sessions') as readonly { id: string }[]).map(({ id }) => id);
  const etag = profile.headers.get('ETag');
  return {
    sessionId,
    id: String(profile.at('id')),
    identity: JSON.stringify([profile.at('id'), profile.at('email'), profile.at('phone')]),
    everything: JSON.stringify({ profile: profile.body, etag, sessions: ids, events: own }),
  };
}
