import { beforeAll, describe, expect, test } from 'vitest';
import { type AdminRoom, createAdminRoom } from '../support/admin-room.ts';
import type { Visitor } from '../support/page-visitor.ts';

let room: AdminRoom;
let admin: Visitor;
let id: number;
beforeAll(async () => {
  room = await createAdminRoom();
  admin = room.admin.visitor;
  ({ id } = await room.newUser('ada@example.com'));
  await room.logIn('ada@example.com', 'wrong');
  await room.act(admin, id, 'Log out everywhere');
});

const search = async (fields: Record<string, string>) => {
  await admin.visit('/admin/events');
  return admin.submit(fields, { button: 'Search' });
};

/** The parts of the list, without the form above it. */
const rowsIn = (html: string): string[] =>
  (html.split('<ul class="rows">')[1] ?? '').split('<li>').slice(1);

describe('GET /admin/events', () => {
  test('lists the events of all accounts, newest first', async () => {
    const { html } = await admin.visit('/admin/events');
    const rows = rowsIn(html);
    expect(rows[0]).toContain('Logged out everywhere');
    expect(rows.some((row) => row.includes(`/admin/user?id=${room.admin.id}`))).toBe(true);
    expect(rows.some((row) => row.includes(`/admin/user?id=${id}`))).toBe(true);
  });

  test('filters by the account', async () => {
    const { html, inputs } = await search({ subject: String(id) });
    const rows = rowsIn(html);
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.filter((row) => !row.includes(`/admin/user?id=${id}`))).toEqual([]);
    expect(inputs.subject?.value).toBe(String(id));
  });

  test('filters by who did it to others, by the event and by the outcome', async () => {
    expect(rowsIn((await search({ actor: String(room.admin.id) })).html)).toEqual([
      expect.stringContaining('Logged out everywhere'),
    ]);
    const failed = rowsIn((await search({ action: 'login', outcome: 'failure' })).html);
    expect(failed).toEqual([expect.stringMatching(/Login<\/strong> \(failed\)/)]);
    const both = await search({ subject: String(id), action: 'signup' });
    expect(rowsIn(both.html)).toEqual([expect.stringContaining('Sign-up')]);
  });

  test('is paged, and keeps the filters', async () => {
    for (let i = 0; i < 60; i++) await room.logIn('ada@example.com', 'analytical engine');
    const first = await search({ action: 'login', outcome: 'success' });
    expect(rowsIn(first.html)).toHaveLength(50);
    const next = first.links['Next page'] ?? '';
    expect(next).toMatch(/action=login.*outcome=success.*cursor=/);
    const second = await admin.visit(next);
    expect(rowsIn(second.html).length).toBeGreaterThanOrEqual(11);
    expect(second.links['First page']).toBe('/admin/events?action=login&outcome=success');
  });

  test.each([
    { subject: '-1' },
    { subject: "1' or 1=1" },
    { actor: '1e3' },
    { action: '<b>' },
    { outcome: 'x' },
    { cursor: 'x' },
  ])('rejects or ignores %j', async (query) => {
    const { status, html } = await admin.visit(`/admin/events?${new URLSearchParams(query)}`);
    expect([200, 422]).toContain(status);
    expect(html).not.toContain('<b>');
  });
});
