// What a thief of the database file or of the log would find.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { expect, onTestFinished, test } from 'vitest';
import { codes, outbox } from '../../src/core/db/schema.ts';
import { Api, uniqueEmail, uniquePhone } from '../support/api.ts';
import { openPostOffice } from '../support/post-office.ts';
import { emptyFolder, SERVERS, type ServerName, startServer } from '../support/server.ts';

const NEW_PASSWORD = 'go to the moon 1969';

test.each(Object.keys(SERVERS) as ServerName[])(
  '[S64] after every flow, the database files and the log of a server on %s contain no token and no code',
  async (name) => {
    const post = await openPostOffice();
    onTestFinished(post.close);
    const folder = emptyFolder();
    const server = await startServer(name, folder, {
      ...post.settings,
      DATABASE_URL: 'file:./x.db',
      SECRET_KEY: 'a secret that the database does not contain',
      LOG_LEVEL: 'debug',
    });
    const api = new Api(server.baseUrl);
    const send = (path: string, body: unknown, headers = {}) =>
      api.json('POST', path, body, headers);
    const allCodes: string[] = [];
    const receive = async (to: string) => {
      const message = await post.receive(to);
      if (message.code) allCodes.push(message.code);
      return message;
    };

    // Sent and used, and sent and left.
    const [ada, eve] = [await api.newAccount(), await api.newAccount()];
    await send('/auth/password/forgot', { username: ada.email });
    const reset = await receive(ada.email);
    await send('/auth/password/forgot', { username: eve.email });
    await receive(eve.email);
    await send('/auth/password/forgot', { username: uniqueEmail() });
    const used = { token: reset.tokens.reset, new_password: NEW_PASSWORD };
    expect((await send('/auth/password/reset', used)).status).toBe(204);
    await receive(ada.email);
    const other = await api.newAccount();
    await send('/auth/verification', { channel: 'email' }, other.bearer);
    await receive(other.email);
    const mover = await api.newAccount();
    const next = uniqueEmail();
    await send('/auth/email/change', { email: next }, mover.bearer);
    const change = await receive(next);
    await send('/auth/email/confirm', { token: change.tokens.change });
    await receive(mover.email);
    const caller = await api.newAccount();
    const phone = uniquePhone();
    await send('/auth/phone/change', { phone }, caller.bearer);
    await receive(`+91${phone}`);

    const client = createClient({ url: `file:${join(folder, 'x.db')}`, timeout: 5000 });
    onTestFinished(() => client.close());
    const db = drizzle({ client });
    const settled = async () =>
      (await db.select().from(outbox)).filter(({ state }) => state === 'waiting').length;
    await expect.poll(settled, { timeout: 10_000 }).toBe(0);
    const sent = await db.select().from(outbox);
    expect(sent.filter(({ state, sealed }) => state === 'sent' && sealed !== null)).toEqual([]);
    expect(sent.filter(({ state }) => state === 'sent').length).toBeGreaterThanOrEqual(7);
    expect((await db.select().from(codes)).length).toBeGreaterThan(4);

    // Killed, so that the write-ahead log stays as it is.
    server.kill('SIGKILL');
    await server.exit;
    const files = readdirSync(folder).filter((file) => file.startsWith('x.db'));
    const bytes = files.map((file) => readFileSync(join(folder, file), 'latin1')).join('\n');
    expect(bytes).toContain(ada.email);
    const secrets = [...post.tokens(), ...allCodes];
    expect(allCodes.length).toBeGreaterThanOrEqual(4);
    expect(post.tokens().length).toBeGreaterThanOrEqual(6);
    for (const secret of post.tokens()) {
      expect(bytes).not.toContain(secret);
      expect(bytes).not.toContain(Buffer.from(secret, 'base64url').toString('latin1'));
      expect(bytes).not.toContain(Buffer.from(secret, 'base64url').toString('hex'));
    }
    for (const secret of secrets) {
      // Six digits can also be part of a longer number.
      expect(bytes).not.toMatch(new RegExp(`(?<![\\w.])${secret}(?![\\w.])`));
      expect(server.output()).not.toMatch(new RegExp(`(?<![\\w.])${secret}(?![\\w.])`));
    }
    for (const text of ['/account/', 'Set a new password', NEW_PASSWORD]) {
      expect(bytes).not.toContain(text);
      expect(server.output()).not.toContain(text);
    }
  },
);
