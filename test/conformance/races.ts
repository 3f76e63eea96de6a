import { expect, test } from 'vitest';
import { uniqueEmail, uniquePhone } from '../support/api.ts';
import type { Part } from './suite.ts';

const PARALLEL = 20;
const password = 'analytical engine';

const parallel = <Result>(run: (i: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: PARALLEL }, (_, i) => run(i)));

const count = (statuses: readonly number[], status: number): number =>
  statuses.filter((other) => other === status).length;

export const races: Part = (api) => {
  test(`[S33] ${PARALLEL} concurrent sign-ups with one email address, in all its forms, create one user`, async () => {
    const email = uniqueEmail().replace('user', 'k\u00e4the');
    const forms = [
      email,
      email.toUpperCase(),
      email.normalize('NFD'),
      email.replace('k', '\u212a'), // the Kelvin sign
      email.replace('example', '\uff45\uff58ample'), // full-width letters
    ];
    const answers = await parallel((i) =>
      api().json('POST', '/auth/signup', { email: forms[i % forms.length], password }),
    );
    const statuses = answers.map(({ status }) => status);
    expect([count(statuses, 201), count(statuses, 400)]).toEqual([1, PARALLEL - 1]);
    const logIns = await Promise.all(forms.map((form) => api().logIn(form, password)));
    expect(logIns.map(({ status }) => status)).toEqual(forms.map(() => 200));
  });

  test(`[S33] ${PARALLEL} concurrent sign-ups with one phone number, in all its forms, create one user`, async () => {
    const phone = uniquePhone();
    const forms = [phone, `0${phone}`, `+91${phone}`, `+91 ${phone.slice(0, 5)} ${phone.slice(5)}`];
    const answers = await parallel((i) =>
      api().json('POST', '/api/v1/auth/signup', { phone: forms[i % forms.length], password }),
    );
    const statuses = answers.map(({ status }) => status);
    expect([count(statuses, 201), count(statuses, 400)]).toEqual([1, PARALLEL - 1]);
  });

  test(`[S34] of ${PARALLEL} concurrent PUTs for one version, one returns 200 and all others 412`, async () => {
    const { id, bearer } = await api().newAccount();
    const answers = await parallel((i) =>
      api().json(
        'PUT',
        '/profile/me',
        { name: `writer ${i}` },
        { ...bearer, 'If-Match': `"${id}-1"` },
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect([count(statuses, 200), count(statuses, 412)]).toEqual([1, PARALLEL - 1]);
    const winner = answers.find(({ status }) => status === 200);
    const profile = await api().get('/profile/me', bearer);
    expect(profile.at('name')).toBe(winner?.at('name'));
    expect(profile.headers.get('ETag')).toBe(`"${id}-2"`);
  });

  test(`${PARALLEL} concurrent PUTs without a condition each create a version, and none is lost`, async () => {
    const { id, bearer } = await api().newAccount();
    const answers = await parallel((i) =>
      api().json('PUT', '/profile/me', i % 2 ? { name: 'Ada' } : { bio: 'First.' }, bearer),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ headers }) => headers.get('ETag'))).size).toBe(PARALLEL);
    const profile = await api().get('/profile/me', bearer);
    expect(profile.body).toMatchObject({ name: 'Ada', bio: 'First.' });
    expect(profile.headers.get('ETag')).toBe(`"${id}-${PARALLEL + 1}"`);
  });
};
