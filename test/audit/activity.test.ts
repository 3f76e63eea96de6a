import { expect, test } from 'vitest';
import { bearer, createTestApp, json, newUser } from '../support/test-app.ts';

/** The page size that the README and the OpenAPI document promise. */
const PAGE = 100;

interface Activity {
  readonly events: readonly { readonly id: number }[];
  readonly next_cursor: string | null;
}

test('[S35] GET /auth/activity: a full page has no next page; one more event is on the next page, and no event is lost', async () => {
  const { app } = await createTestApp();
  const { token } = await newUser(app);
  const headers = bearer(token);
  const read = async (query = ''): Promise<Activity> => {
    const answer = await app.request(`/auth/activity${query}`, { headers });
    expect(answer.status).toBe(200);
    return (await answer.json()) as Activity;
  };
  const addEvent = (name: string) => app.request('/profile/me', json('PUT', { name }, headers));

  const { events: first } = await read();
  for (let i = first.length; i < PAGE; i++) await addEvent(`name ${i}`);
  const whole = await read();
  expect([whole.events.length, whole.next_cursor]).toEqual([PAGE, null]);

  await addEvent('one more');
  const newest = await read();
  expect(newest.events).toHaveLength(PAGE);
  expect(newest.next_cursor).toBe(String(newest.events.at(-1)?.id));
  const last = await read(`?cursor=${newest.next_cursor}`);
  expect([last.events.length, last.next_cursor]).toEqual([1, null]);

  const ids = [...newest.events, ...last.events].map(({ id }) => id);
  expect(ids.slice(1)).toEqual(whole.events.map(({ id }) => id));
  expect(new Set(ids).size).toBe(PAGE + 1);
});
