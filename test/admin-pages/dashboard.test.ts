import { sql } from 'drizzle-orm';
import { beforeAll, describe, expect, test } from 'vitest';
import { type AdminRoom, createAdminRoom } from '../support/admin-room.ts';
import { readTags, type Tag } from '../support/page-reader.ts';
import type { ShownPage } from '../support/page-visitor.ts';

const DAY_S = 86_400;
const DAYS = 30;

let room: AdminRoom;
let page: ShownPage;
let now: number;

beforeAll(async () => {
  room = await createAdminRoom();
  await room.newUser('ada@example.com');
  room.advance(3 * DAY_S);
  await room.newUser('grace@example.com');
  for (let i = 0; i < 12; i++) await room.logIn('ada@example.com', 'wrong', '198.51.100.7');
  room.advance(2 * DAY_S);
  await room.newUser('joan@example.com');
  await room.logIn('grace@example.com', 'analytical engine');
  await room.logIn('grace@example.com', 'wrong');
  await room.visitorOf('ada@example.com');
  const states = ['waiting', 'sent', 'sent', 'rejected', 'dead', 'dead', 'dead'];
  await room.received();
  const [row] = await room.db.all<{ id: string }>(sql`select * from outbox limit 1`);
  expect(row).toBeDefined();
  for (const [i, state] of states.entries()) {
    const copy = { ...row, id: `copy-${i}`, state };
    const columns = sql.raw(Object.keys(copy).join(', '));
    const values = sql.join(
      Object.values(copy).map((value) => sql`${value}`),
      sql`, `,
    );
    await room.db.run(sql`insert into outbox (${columns}) values (${values})`);
  }
  page = await room.admin.visitor.visit('/admin');
  now = room.deps.clock();
});

interface Shown {
  readonly title: string;
  readonly text: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly [slot: string, ...numbers: number[]])[];
  readonly bars: Readonly<Record<string, string>>;
}

/** Reads the charts of a page. */
function chartsIn(html: string): Shown[] {
  return html
    .split('<figure>')
    .slice(1)
    .map((part) => {
      const figure = `<figure>${part.split('</figure>')[0]}</figure>`;
      const tags = readTags(figure);
      const textOf = (name: string, more: (tag: Tag) => boolean = () => true) =>
        tags.filter((tag) => tag.name === name && more(tag)).map(({ text }) => text);
      const columns = textOf('th', ({ attributes }) => attributes.scope === 'col');
      const slots = textOf('th', ({ attributes }) => attributes.scope === 'row');
      const numbers = textOf('td').map(Number);
      const width = columns.length - 1;
      return {
        title: textOf('title')[0] ?? '',
        text: textOf('desc')[0] ?? '',
        heads: columns,
        rows: slots.map((slot, i) => [slot, ...numbers.slice(i * width, (i + 1) * width)] as const),
        bars: Object.fromEntries(
          tags
            .filter(({ name }) => name === 'path')
            .map(({ attributes }) => [attributes.class ?? '', attributes.d ?? '']),
        ),
      };
    });
}

const chart = (title: string): Shown => {
  const found = chartsIn(page.html).find((each) => each.title === title);
  if (!found) throw new Error(`no chart ${title}`);
  return found;
};

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** The last thirty days, with how many of the times are on each. */
function byDay(times: readonly number[]): (readonly [string, number])[] {
  return Array.from({ length: DAYS }, (_, i) => {
    const day = dayOf(now - (DAYS - 1 - i) * DAY_S * 1000);
    return [day, times.filter((at) => dayOf(at) === day).length] as const;
  });
}

const timesOf = async (query: ReturnType<typeof sql>): Promise<number[]> =>
  (await room.db.all<{ at: number }>(query)).map(({ at }) => at);

describe('GET /admin', () => {
  test('shows five charts, each with its numbers as a table', () => {
    expect(chartsIn(page.html).map(({ title }) => title)).toEqual([
      'Sign-ups',
      'Logins',
      'Active sessions, by last use',
      'Lockouts',
      'Messages',
    ]);
  });

  test('the sign-ups are the rows of the database', async () => {
    const times = await timesOf(sql`select created_at as at from users`);
    const { rows, text } = chart('Sign-ups');
    expect(rows).toEqual(byDay(times));
    expect(text).toBe(`${times.length} in total, 2 at most on one day.`);
    expect(times.length).toBe(4);
  });

  test('the logins by outcome are the rows of the database', async () => {
    const of = (outcome: string) =>
      timesOf(sql`select at from audit_events where action = 'login' and outcome = ${outcome}`);
    const [good, bad] = [byDay(await of('success')), byDay(await of('failure'))];
    const { rows, heads } = chart('Logins');
    expect(heads).toEqual(['Day', 'succeeded', 'failed']);
    expect(rows.map(([, up]) => up)).toEqual(good.map(([, count]) => count));
    expect(rows.map(([, , down]) => down).some((count) => Number(count) > 1)).toBe(true);
    expect(rows.reduce((total, [, , down]) => total + (down ?? 0), 0)).toBeGreaterThanOrEqual(
      bad.reduce((total, [, count]) => total + count, 0),
    );
  });

  test('the active sessions are the rows of the database', async () => {
    const times = await timesOf(sql`select last_used_at as at from sessions`);
    expect(chart('Active sessions, by last use').rows).toEqual(byDay(times));
  });

  test('the lockouts are the rows of the database', async () => {
    const times = await timesOf(sql`select at from audit_events where action = 'lockout'`);
    expect(times.length).toBeGreaterThan(0);
    expect(chart('Lockouts').rows).toEqual(byDay(times));
  });

  test('the messages by state are the rows of the database', async () => {
    const counted = await room.db.all<{ state: string; count: number }>(
      sql`select state, count(*) as count from outbox group by state`,
    );
    const of = (state: string) => counted.find((each) => each.state === state)?.count ?? 0;
    const { rows, text } = chart('Messages');
    expect(rows).toEqual([
      ['waiting', of('waiting')],
      ['sent', of('sent')],
      ['rejected', of('rejected')],
      ['not sent', of('dead')],
    ]);
    expect(of('dead')).toBe(3);
    expect(text).toContain('not sent: 3');
  });

  test('the bars are as high as the numbers of their table', () => {
    for (const { title, rows, bars } of chartsIn(page.html)) {
      for (const [i, kind] of (['up', 'down'] as const).entries()) {
        const numbers = rows.map((row) => Number(row[i + 1] ?? 0)).filter((count) => count > 0);
        const heights = [...(bars[kind] ?? '').matchAll(/v(-?[\d.]+)h/g)].map(([, height]) =>
          Math.abs(Number(height)),
        );
        expect([title, heights.length]).toEqual([title, numbers.length]);
        const scale = (heights[0] ?? 1) / (numbers[0] ?? 1);
        for (const [at, height] of heights.entries()) {
          expect(height / scale).toBeCloseTo(numbers[at] ?? 0, 0);
        }
      }
    }
  });
});
