import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { users } from '../../src/core/db/schema.ts';
import { prepareAccountsExport } from '../../src/features/export/accounts.ts';
import { FORMATS, textOf } from '../../src/runtime/commands/export/format.ts';
import { importInto } from '../support/import-room.ts';
import { accountsIn, fileOf } from '../support/source-room.ts';
import { createTestApp, newUser } from '../support/test-app.ts';

const PROFILE = {
  ...{ locale: 'zh-Hant-TW', timeZone: 'America/Port-au-Prince' },
  fields: JSON.stringify({
    city: 'पुणे, "x"',
    about: 'a\r\nb',
    year: 1915,
    news: false,
    tags: ['é'],
  }),
};

test.each(FORMATS)(
  'an export as %s brings language, time zone and own fields back',
  async (format) => {
    const from = await createTestApp();
    const ada = await newUser(from.app);
    await newUser(from.app, 'bob@example.com');
    await from.db.update(users).set(PROFILE).where(eq(users.id, ada.id));
    const { pages } = await prepareAccountsExport({ db: from.db, clock: () => 0 });
    const caller = { requestId: 'r', address: null, network: null, userAgent: null };
    let text = '';
    for await (const part of textOf(format, pages({ operator: 'eve', format, caller })))
      text += part;
    const to = await createTestApp();
    await importInto(to.db, await accountsIn('latchkey', `${format}:${fileOf(text)}`));
    const rows = (db: typeof to.db) =>
      db
        .select({
          email: users.email,
          locale: users.locale,
          timeZone: users.timeZone,
          fields: users.fields,
        })
        .from(users)
        .orderBy(users.email);
    expect(await rows(to.db)).toEqual(await rows(from.db));
    expect((await rows(to.db))[0]).toMatchObject(PROFILE);
  },
);
