import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Api } from '../support/api.ts';
import { migratedServer } from '../support/databases.ts';
import { startReceiver, webhookSettings } from '../support/message-crash.ts';
import { startServer } from '../support/server.ts';
import { actsIn, FILE, migrated, program, rowsOf } from '../support/users-program.ts';

const HOSTILE = `'); DROP TABLE users; -- "x" \u001b[2J $(id) \`id\` \\ ? नमस्ते 🗝️`;

/** The token of the link in a text. */
const tokenIn = (text: string): string => /#([\w-]{43})/.exec(text)?.[1] ?? text;

describe('latchkey users, while a server has the file open', () => {
  test('every subcommand acts, at once and recorded', { timeout: 240_000 }, async () => {
    const { folder, users, json } = program();
    const server = await startServer('node', folder, FILE);
    const api = new Api(server.baseUrl);
    const [ada, bob] = [await api.newAccount(), await api.newAccount()];
    const admin = String(ada.id);

    const refused = await users('grant', ada.email.toUpperCase(), 'editor', 'admin');
    expect([refused.status, refused.stdout, refused.stderr]).toEqual([
      ...[1, ''],
      expect.stringMatching(
        /^USER\S+ is not verified: .* account \d+ is the right one, grant by its id or add --yes\.\n$/,
      ),
    ]);
    expect((await json('show', admin)).roles).toEqual([]);
    await rowsOf(
      folder,
      `UPDATE users SET email_verified_at = 1 WHERE id = ${ada.id} RETURNING id`,
    );
    const granted = await users('grant', ada.email, 'admin', 'editor', '--operator', 'root@host');
    expect(granted.stdout).toBe(`Roles of account ${ada.id} (${ada.email}): admin, editor\n`);
    const session = await api.get('/auth/session', ada.bearer);
    expect(session.at('user.roles') ?? session.at('roles')).toEqual(['admin', 'editor']);
    expect(await json('revoke', ada.email.toUpperCase(), 'editor', 'absent', '--yes')).toEqual(
      expect.objectContaining({ id: ada.id, roles: ['admin'] }),
    );

    const shown = await json('show', admin);
    expect(shown).toEqual({
      ...{ id: ada.id, email: ada.email, phone: null, name: null, bio: '' },
      ...{ email_verified: true, phone_verified: false, roles: ['admin'] },
      ...{ disabled_at: null, locked_until: null, has_password: true, locale: 'en' },
      ...{ avatar_url: null, time_zone: null, fields: {} },
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      updated_at: expect.any(String),
    });
    expect((await users('show', ada.email)).stdout).toMatch(/^roles +admin$/m);
    const admins = await json('list', '--role', 'admin');
    expect(admins).toEqual({ items: [shown], next_cursor: null });
    const page = await users('list', '--query', bob.email.slice(0, 20).toUpperCase());
    expect(page.stdout).toMatch(/^ID +EMAIL +PHONE +NAME +STATUS +ROLES +CREATED\n\d+ .*\n$/);

    for (const change of [
      ['revoke', admin, 'admin'],
      ['disable', admin],
      ['delete', admin],
    ]) {
      const { status, stdout, stderr } = await users(...change, '--yes');
      expect([change, status, stdout, stderr]).toEqual([
        ...[change, 1, ''],
        expect.stringMatching(/^The account is the last administrator .*\n$/),
      ]);
    }
    expect((await json('show', admin)).roles).toEqual(['admin']);

    const reason = ['--reason', HOSTILE.replace('\u001b', '')];
    expect((await json('disable', bob.email, '--yes', ...reason)).disabled_at).not.toBeNull();
    expect((await api.get('/profile/me', bob.bearer)).status).toBe(401);
    expect((await json('list', '--status', 'disabled')).items).toHaveLength(1);
    expect((await json('enable', bob.email)).disabled_at).toBeNull();
    expect((await users('unlock', bob.email)).stdout).toMatch(/^Unlocked: account \d+ /);
    const again = String((await api.logIn(bob.email, bob.password)).at('access_token'));
    expect((await users('sign-out', bob.email, '--yes')).status).toBe(0);
    const bearer = { Authorization: `Bearer ${again}` };
    expect((await api.get('/profile/me', bearer)).status).toBe(401);

    const link = await users('reset-link', bob.email);
    expect(link.stdout).toMatch(/^http:\/\/127\.0\.0\.1:8000\/account\/reset#[\w-]{43}\n$/);
    expect(link.stderr).toMatch(/secret/);
    const reset = { token: tokenIn(link.stdout), new_password: 'difference engine' };
    expect((await api.json('POST', '/auth/password/reset', reset)).status).toBe(204);
    expect((await api.json('POST', '/auth/password/reset', reset)).status).toBe(400);
    expect((await api.logIn(bob.email, 'difference engine')).status).toBe(200);

    const acts = await actsIn(folder);
    const operator = userInfo().username;
    const byDefault = { operator, reason: 'by the program' };
    expect(acts).toContainEqual([
      ...['role_change', null],
      {
        ...{ granted: ['admin', 'editor'], revoked: [] },
        ...{ operator: 'root@host', reason: 'by the program' },
      },
    ]);
    expect(acts).toContainEqual([
      ...['role_change', null],
      { granted: [], revoked: ['editor'], ...byDefault },
    ]);
    expect(acts).toContainEqual(['account_enable', null, byDefault]);
    expect(acts).toContainEqual(['reset_link', null, byDefault]);
    // A refused action leaves no trace.
    expect(acts.filter(([action]) => action === 'role_change')).toHaveLength(2);

    expect(await json('delete', bob.email, '--yes')).toEqual({ id: bob.id, deleted: true });
    expect((await api.logIn(bob.email, 'difference engine')).status).toBe(400);
    expect((await users('show', bob.email)).stderr).toMatch(/^No account has this id/);
    expect(await server.stop()).toBe(true);
  });
});

describe('latchkey users create --invite', () => {
  test('creates an account and sends the link itself; the link sets its first password', async () => {
    const { url, deliveries, requests } = await startReceiver(0);
    const settings = { ...FILE, ...webhookSettings(url) };
    const { folder, users, json } = await migrated(settings);
    const invitation = ['--email', 'Ada@Example.com', '--name', 'Ada', '--role', 'admin', 'editor'];
    const ada = await json('create', '--invite', ...invitation);
    expect(ada).toMatchObject({ email: 'Ada@Example.com', name: 'Ada', has_password: false });
    expect(ada.roles).toEqual(['admin', 'editor']);
    expect([...deliveries.keys()]).toEqual(['Ada@Example.com']);
    expect(await rowsOf(folder, 'SELECT kind, state FROM outbox')).toEqual([
      { kind: 'invite', state: 'sent' },
    ]);
    const taken = await users('create', '--invite', '--email', 'ada@example.com');
    expect([taken.status, taken.stderr]).toEqual([1, 'Email already registered\n']);

    const server = await startServer('node', folder, settings);
    const api = new Api(server.baseUrl);
    const token = tokenIn(JSON.parse(requests[0]?.content ?? '').data.text);
    const first = { token, new_password: 'analytical engine' };
    expect((await api.json('POST', '/auth/password/reset', first)).status).toBe(204);
    expect((await api.logIn('ada@example.com', 'analytical engine')).status).toBe(200);
    expect(await server.stop()).toBe(true);
  });

  test('prints the message with the sender of development, on standard error', async () => {
    const { users } = await migrated();
    const args = ['--phone', '98765 43210', '--locale', 'hi', '--json'];
    const { status, stdout, stderr } = await users('create', '--invite', ...args);
    expect([status, JSON.parse(stdout).phone]).toEqual([0, '98765 43210']);
    expect(stderr).toMatch(/To: \+919876543210\n/);
    expect(stderr).toMatch(/\/account\/reset#[\w-]{43}/);
  });

  test('reports a message that could not be sent; a running server tries again', async () => {
    const settings = { ...FILE, ...webhookSettings('http://127.0.0.1:9') };
    const { users, folder } = await migrated(settings);
    const { status, stderr } = await users('create', '--invite', '--email', 'ada@example.com');
    expect([status, stderr]).toEqual([0, expect.stringMatching(/could not be sent now/)]);
    expect(await rowsOf(folder, 'SELECT state FROM outbox')).toEqual([{ state: 'waiting' }]);
  });
});

describe('in production', () => {
  const PRODUCTION = {
    ...FILE,
    APP_ENV: 'production',
    SECRET_KEY: 'Vt7kq0dWm3Zs9Lr2Xy5Bn8Hc4Jf6Gp1A',
  };

  test('a missing setting is named: MAIL for an invitation, PUBLIC_URL for a link', async () => {
    const { users } = await migrated(PRODUCTION);
    const invited = await users('create', '--invite', '--email', 'ada@example.com');
    expect([invited.status, invited.stderr]).toEqual([
      1,
      expect.stringMatching(/MAIL must be set/),
    ]);
    const link = await users('reset-link', '1');
    expect([link.status, link.stderr]).toEqual([1, expect.stringMatching(/ {2}PUBLIC_URL: must/)]);
  });

  test('SECRET_KEY must be set, also for a database file', async () => {
    const { SECRET_KEY: _, ...settings } = PRODUCTION;
    const { users } = await migrated(settings);
    expect((await users('list')).stderr).toBe(
      'Invalid settings:\n  SECRET_KEY: must be set in production\n',
    );
  });
});

describe('latchkey users export', () => {
  test('writes what is stored, without secrets, to standard output or a file of mode 0600', async () => {
    const { folder, users } = await migrated();
    await users('create', '--invite', '--email', 'ada@example.com');
    await rowsOf(folder, "UPDATE users SET name = 'a' || char(155) || char(27) || 'é'");
    const { status, stdout } = await users('export', 'ada@example.com', '--operator', 'eve');
    const exported = JSON.parse(stdout);
    expect([status, exported.profile]).toMatchObject([
      0,
      { email: 'ada@example.com', name: 'a\u009b\u001bé' },
    ]);
    expect(Object.keys(exported)).toEqual(
      expect.arrayContaining(['sessions', 'events', 'messages']),
    );
    expect(stdout).not.toMatch(/password_hash|sealed/);
    expect(stdout).toContain('"a\\u009b\\u001bé"');
    expect(await users('export', '1', '--to', 'ada.json')).toEqual({
      ...{ status: 0, stderr: '' },
      stdout: expect.stringMatching(/^Exported: account 1 .* to .*ada\.json\n$/),
    });
    expect(statSync(join(folder, 'ada.json')).mode & 0o777).toBe(0o600);
    writeFileSync(join(folder, 'ada.json'), 'mine');
    const refused = await users('export', '1', '--to', 'ada.json');
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/exists\. Add --yes/),
    ]);
    expect(readFileSync(join(folder, 'ada.json'), 'utf8')).toBe('mine');
    expect((await users('export', '1', '--to', 'ada.json', '--yes')).status).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, 'ada.json'), 'utf8')).profile.id).toBe(1);
    const away = await users('export', '1', '--to', 'no/folder/ada.json');
    expect([away.status, away.stderr]).toEqual([1, expect.stringMatching(/cannot be written/)]);
    expect(readdirSync(folder).filter((name) => name.endsWith('.draft'))).toEqual([]);
    expect((await actsIn(folder)).filter(([action]) => action === 'account_export')[0]).toEqual([
      ...['account_export', null],
      { operator: 'eve', reason: 'by the program' },
    ]);
  });
});

describe('latchkey users refuses', () => {
  test.each([
    [['disable', '1']],
    [['delete', '1']],
    [['sign-out', '1']],
    [['revoke', '1', 'admin']],
  ])('%j without a terminal and without --yes, before it opens the database', async (args) => {
    const { folder, users } = program();
    const { status, stdout, stderr } = await users(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^This asks first, and there is no terminal\. Add --yes .*\nUsage: /);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    [['foo'], /^Unknown command: foo\n/],
    [['show'], /^Missing argument: WHO\nUsage: latchkey users show WHO\n$/],
    [['grant', '1'], /^Missing argument: ROLE\n/],
    [['grant', '1', 'Admin'], /^A role has 1 to 32 lower-case letters/],
    [['grant', '1', ...Array.from({ length: 21 }, (_, i) => `r${i}`)], /at most 20 roles/],
    [['list', '--limit', '0'], /^It must be a whole number, 1 to 1000000\.\n/],
    [['create', '--email', 'a@example.com'], /^Missing argument: --invite\n/],
    [['create', '--invite'], /^Missing argument: --email or --phone\n/],
    [['create', '--invite', '--email', 'a'], /^--email: must be/],
    [['enable', '1', '--reason', 'a\nb'], /^It must be a line of 1 to 500 characters\.\n/],
    [['grant', '1', 'admin', '--d1', 'DB'], /^--d1 needs either --local or --remote\.\n/],
    [['reset-link', '1', '--d1', '--help', '--local'], /^It must be the name or the binding/],
  ])('%j with exit code 2', async (args, words) => {
    const { folder, users } = program();
    const { status, stdout, stderr } = await users(...args);
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(words)]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a database that does not exist, and one that is not migrated', async () => {
    const { folder, users } = program();
    const missing = await users('list');
    expect([missing.status, missing.stderr]).toEqual([
      1,
      expect.stringMatching(/^There is no database at .*a\.db\. Set DATABASE_URL/),
    ]);
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(join(folder, 'a.db'), '');
    const empty = await users('grant', '1', 'admin');
    expect([empty.status, empty.stderr]).toEqual([
      1,
      expect.stringMatching(/^The database is not up to date\. Run `latchkey migrate`/),
    ]);
    expect(existsSync(join(folder, 'a.db.secret'))).toBe(false);
  });

  test('an unknown account, whatever was typed', async () => {
    const { users, folder } = await migrated();
    for (const who of ['99', 'nobody@example.com', HOSTILE, '-1 OR 1=1']) {
      const { status, stdout, stderr } = await users('grant', '--', who, 'admin');
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^No account has this id, email address or phone number: \P{Cc}+\n$/u);
    }
    expect(await rowsOf(folder, 'SELECT count(*) AS n FROM audit_events')).toEqual([{ n: 0 }]);
  });
});

test('on a libSQL server: create, grant and list', async () => {
  const { users, json } = program({ ...FILE, DATABASE_URL: await migratedServer() });
  await json('create', '--invite', '--email', 'ada@example.com');
  expect((await users('grant', 'ada@example.com', 'admin')).status).toBe(1);
  expect((await users('grant', 'ada@example.com', 'admin', '--yes')).status).toBe(0);
  expect((await json('list', '--role', 'admin')).items).toHaveLength(1);
});
