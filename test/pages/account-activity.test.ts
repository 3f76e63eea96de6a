import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { TEXTS } from '../../src/features/pages/texts/texts.ts';
import type { Visitor } from '../support/page-visitor.ts';
import { SRC } from '../support/sources.ts';
import { createUserRoom, PASSWORD, type UserRoom } from '../support/user-room.ts';

let room: UserRoom;
let visitor: Visitor;

beforeEach(async () => {
  room = await createUserRoom();
  ({ visitor } = await room.newUserVisitor());
});

describe('GET /account/activity', () => {
  test('lists what has happened, newest first, with time, device and address', async () => {
    await room.logIn('ada@example.com', 'wrong');
    const { text, status } = await visitor.visit('/account/activity');
    expect(status).toBe(200);
    const actions = ['Login\n(failed)', 'Login\n', 'Address verification', 'Sign-up'];
    const places = actions.map((action) => text.indexOf(action));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(text).toContain('Firefox on Windows');
    expect(text).toContain('203.0.113.7');
  });

  test('shows 50 events, and the older ones on the next page', async () => {
    for (let i = 0; i < 60; i++) await room.logIn('ada@example.com', PASSWORD);
    visitor.cookies.clear();
    await room.enter(visitor, 'ada@example.com');
    const first = await visitor.visit('/account/activity');
    expect(first.html.match(/<time /g)).toHaveLength(50);
    expect(first.links['Newest events']).toBeUndefined();
    const second = await visitor.visit(first.links['Older events'] ?? '');
    expect(second.text).toContain('Sign-up');
    expect(second.links['Older events']).toBeUndefined();
    expect(second.links['Newest events']).toBe('/account/activity');
  });

  test.each(['0', '-1', 'x', "1' or 1=1", '9'.repeat(16)])(
    'shows the newest events for the cursor %j',
    async (before) => {
      const { status, text } = await visitor.visit(
        `/account/activity?${new URLSearchParams({ before })}`,
      );
      expect(status).toBe(200);
      expect(text).toContain('Login');
    },
  );

  test('shows no event of another user', async () => {
    await room.newVerifiedUser('grace@example.com', PASSWORD);
    const grace = room.newVisitor({}, 'grace-agent');
    await room.enter(grace, 'grace@example.com');
    expect((await visitor.visit('/account/activity')).text).not.toContain('grace-agent');
  });

  test('escapes the User-Agent of a stranger', async () => {
    const stranger = room.newVisitor({}, '<script>alert(1)</script>');
    await room.enter(stranger, 'ada@example.com', 'wrong password');
    const { html, text } = await visitor.visit('/account/activity');
    expect(html).not.toContain('<script>alert');
    expect(text).toContain('<script>alert(1)</script>');
  });
});

describe('the texts of the activity', () => {
  test('have every action of the record, in each language', () => {
    const source = readFileSync(join(SRC, 'features/audit/event.ts'), 'utf8');
    const [, union = ''] = /type AuditAction =([^;]+);/.exec(source) ?? [];
    const actions = [...union.matchAll(/'(\w+)'/g)].map(([, action]) => action).sort();
    expect(actions.length).toBeGreaterThan(15);
    for (const { account } of Object.values(TEXTS)) {
      expect(Object.keys(account.activity.actions).sort()).toEqual(actions);
    }
  });
});
