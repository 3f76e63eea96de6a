import { afterAll, describe, expect, test } from 'vitest';
import { OWN_FIELDS, OWN_VALUES } from '../support/own-fields.ts';
import { startTarget, type Target, type TargetName } from '../support/targets.ts';

const running: Target[] = [];
afterAll(() => Promise.all(running.map((target) => target.stop())));

const TARGETS: readonly TargetName[] = ['node', 'bun', 'deno', 'workerd-d1', 'workerd-libsql'];

/** What is sent, and what each runtime must store. Their `Intl` differ in the aliases of both. */
const SPELLINGS = [
  [{ time_zone: 'asia/kolkata' }, { time_zone: 'Asia/Kolkata' }],
  [{ time_zone: 'Asia/Calcutta' }, { time_zone: 'Asia/Calcutta' }],
  [{ time_zone: 'EUROPE/KYIV' }, { time_zone: 'Europe/Kyiv' }],
  [{ time_zone: 'us/pacific' }, { time_zone: 'US/Pacific' }],
  [{ time_zone: 'utc' }, { time_zone: 'UTC' }],
  [{ locale: 'SH' }, { locale: 'sh' }],
  [{ locale: 'iw-il' }, { locale: 'iw-IL' }],
  [{ locale: 'zh-hant-tw' }, { locale: 'zh-Hant-TW' }],
] as const;

const REJECTED = [
  { time_zone: '+05:30' },
  { time_zone: 'Factory' },
  { time_zone: 'IST' },
  { time_zone: 'Asia/Nowhere' },
  { locale: 'en-u-ca-buddhist' },
  { fields: { born: '2026-02-30' } },
  { fields: { site: 'javascript:alert(1)' } },
  { fields: { other: null } },
];

describe.each(TARGETS)('own fields, language and time zone on %s', (name) => {
  test('are stored and rejected as on every other runtime', async () => {
    const target = await startTarget(name, { PROFILE_FIELDS: OWN_FIELDS });
    running.push(target);
    const send = async (method: string, path: string, body: object, token = '') => {
      const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` };
      const init = { method, headers, body: JSON.stringify(body) };
      const answer = await fetch(target.baseUrl + path, init);
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };
    const account = { email: 'own@example.com', password: 'analytical engine' };
    await send('POST', '/auth/signup', account);
    const form = new URLSearchParams({ username: account.email, password: account.password });
    const answer = await fetch(`${target.baseUrl}/auth/login`, { method: 'POST', body: form });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const patch = (changes: object) => send('PATCH', '/profile/me', changes, token);
    for (const [sent, stored] of SPELLINGS) {
      expect([sent, await patch(sent)]).toMatchObject([sent, { status: 200, body: stored }]);
    }
    for (const sent of REJECTED) {
      expect([sent, (await patch(sent)).status]).toEqual([sent, 422]);
    }
    expect((await patch({ fields: OWN_VALUES })).body.fields).toEqual(OWN_VALUES);
    const parts = [{ city: null }, { year: null }, { tags: ['a'] }, { size: 'L' }];
    const answers = await Promise.all(parts.map((fields) => patch({ fields })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const { city: _, year: __, ...rest } = OWN_VALUES;
    expect((await patch({ fields: {} })).body.fields).toEqual({ ...rest, tags: ['a'], size: 'L' });
    const full = { about: '🙂'.repeat(2040) };
    const tooMuch = await patch({ fields: full });
    expect([tooMuch.status, tooMuch.body.errors]).toMatchObject([422, [{ pointer: '#/fields' }]]);
    expect(target.output()).not.toContain('internal_error');
  }, 120_000);
});
