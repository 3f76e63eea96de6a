import { eq } from 'drizzle-orm';
import { knownDevices } from '../../src/core/db/account-schema.ts';
import { users } from '../../src/core/db/schema.ts';
import { createMailRoom, HERE } from './mail-room.ts';
import { form } from './test-app.ts';

/** A network from which no account has logged in. */
export const ELSEWHERE = '198.51.100.9';
export const PASSWORD = 'analytical engine';
export const WRONG = 'differential engine';
const MAX_LOCK_SECONDS = 3600;

/** An app with an account whose owner has logged in on a device. */
export async function createDeviceRoom(
  settings: Record<string, string> = {},
  platform: Parameters<typeof createMailRoom>[1] = {},
) {
  const room = await createMailRoom(settings, platform);
  const { id, email } = await room.newUser('ada@example.com', PASSWORD);

  const ask = (fields: Record<string, string>, address = ELSEWHERE) =>
    room.send('/auth/login', form({ username: email, password: PASSWORD, ...fields }), address);

  /** Logs in. Returns the device token of the answer. */
  async function deviceOf(fields: Record<string, string> = {}, address = HERE): Promise<string> {
    const answer = await ask(fields, address);
    if (answer.status !== 200) throw new Error(`the login failed: ${await answer.text()}`);
    return ((await answer.json()) as { device_token: string }).device_token;
  }

  const statusOf = async (fields: Record<string, string>, address?: string) =>
    (await ask(fields, address)).status;

  /** A stranger with many networks locks the account for all networks that it does not know. */
  async function lock(): Promise<void> {
    for (let i = 0; i < 20; i++) await ask({ password: WRONG }, `192.0.2.${i}`);
  }

  return {
    ...room,
    id,
    email,
    ask,
    deviceOf,
    statusOf,
    lock,
    codeFor: (path: string) => room.ask(path, email),
    unlock: () => room.advance(MAX_LOCK_SECONDS),
    rows: () => room.db.select().from(knownDevices).where(eq(knownDevices.userId, id)),
    /** The failures of the account. */
    failures: async () =>
      (await room.db.select().from(users).where(eq(users.id, id)))[0]?.failedLogins,
  };
}
