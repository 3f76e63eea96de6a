import { eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { auditEvents, sessions, users } from '../../src/core/db/schema.ts';
import { createExportService } from '../../src/features/export/service.ts';
import { createTestApp, newUser } from '../support/test-app.ts';

const CALLER = { requestId: 'r', address: null, network: null, userAgent: null };

async function textOf(parts: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const part of parts) text += part;
  return text;
}

test('an operator exports an account without a session, also a disabled one; it is recorded', async () => {
  const { app, db, deps } = await createTestApp();
  const { id } = await newUser(app);
  await newUser(app, 'other@example.com');
  await db.delete(sessions).where(eq(sessions.userId, id));
  await db.update(users).set({ disabledAt: 1 }).where(eq(users.id, id));
  const exports = createExportService(deps);
  const subject = { id, operator: 'root', reason: 'asked for it' };
  const text = await textOf(exports.read(subject, CALLER));
  const exported = JSON.parse(text);
  expect([exported.profile.id, exported.sessions]).toEqual([id, []]);
  expect(text).not.toContain('other@example.com');
  expect(
    await db.select().from(auditEvents).where(eq(auditEvents.action, 'account_export')),
  ).toMatchObject([
    {
      ...{ actorId: null, subjectId: id, outcome: 'success', requestId: 'r' },
      detail: JSON.stringify({ reason: 'asked for it', operator: 'root' }),
    },
  ]);
  const missing = textOf(exports.read({ ...subject, id: 99 }, CALLER));
  await expect(missing).rejects.toMatchObject({ code: 'not_found' });
});
