import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@libsql/client';
import { afterEach, describe, expect, test } from 'vitest';
import { createApp } from '../../src/app.ts';
import { parseConfig } from '../../src/config/config.ts';
import { createLogger } from '../../src/core/log.ts';
import { createOutbound } from '../../src/core/outbound.ts';
import { createDeps } from '../../src/deps.ts';
import { checkDatabase } from '../../src/runtime/commands/check-database.ts';
import { openLibsql } from '../../src/runtime/databases/libsql.ts';
import { startUp } from '../../src/start-up.ts';
import known from '../fixtures/0.1.0.json' with { type: 'json' };
import { bearer, form, json, testSettings } from '../support/test-app.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A copy of a released database. */
function copyOf(release: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-release-'));
  folders.push(folder);
  const path = join(folder, 'latchkey.db');
  copyFileSync(fixture(`${release}.db`), path);
  return path;
}

async function rowsOf(path: string): Promise<Record<string, number>> {
  const client = createClient({ url: `file:${path}` });
  const tables = await client.execute(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY name",
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables.rows) {
    const { rows } = await client.execute(`SELECT count(*) AS n FROM "${name}"`);
    counts[String(name)] = Number(rows[0]?.n);
  }
  client.close();
  return counts;
}

/** An app on a migrated copy. Its clock starts at the time when the server of the release stopped. */
async function upgraded(path: string) {
  const database = await openLibsql({ databaseUrl: `file:${path}`, databaseAuthToken: undefined });
  await database.migrate();
  let now = known.madeAt;
  const clock = () => now;
  const config = parseConfig(
    { ...testSettings, ...known.settings, PASSWORD_ROUNDS: '6' },
    { environment: 'development', databaseUrl: 'file:unused', hasFiles: true },
  );
  const log = createLogger('silent', () => {});
  const deps = await createDeps(config, {
    db: database.db,
    log,
    clock,
    fetch: createOutbound(fetch),
    readAsset: async () => undefined,
  });
  await startUp(deps);
  const app = createApp(deps);
  const logIn = async (username: string, password: string) => {
    const answer = await app.request('/auth/login', form({ username, password }));
    return { status: answer.status, body: await answer.json() };
  };
  const refresh = (refresh_token: string) =>
    app.request('/auth/refresh', json('POST', { refresh_token }));
  return {
    app,
    logIn,
    refresh,
    advance: (seconds: number) => {
      now += seconds * 1000;
    },
    close: () => database.close(),
  };
}

describe('a database of 0.1.0', () => {
  test('the fixture has rows in every table of that release', async () => {
    const counts = await rowsOf(copyOf('0.1.0'));
    expect(Object.keys(counts)).toEqual([
      'audit_events',
      'rate_limits',
      'sessions',
      'signing_keys',
      'users',
    ]);
    expect(Object.values(counts).every((count) => count > 0)).toBe(true);
  });

  test('is upgraded without losing a row, and passes db:check', async () => {
    const path = copyOf('0.1.0');
    const before = await rowsOf(path);
    const server = await upgraded(path);
    expect(await rowsOf(path)).toMatchObject(before);
    // The networks of live sessions are known networks after the upgrade.
    expect((await rowsOf(path)).known_networks).toBe(3);
    server.close();
    const client = createClient({ url: `file:${path}` });
    const findings = await checkDatabase(client);
    client.close();
    expect(findings.filter(({ isGood }) => !isGood)).toEqual([]);
    expect(findings.find(({ about }) => about === 'migrations')?.text).toMatch(/^ok, all/);
  });

  test('its users keep their sessions, tokens, passwords and events', async () => {
    const { app, logIn, refresh, close } = await upgraded(copyOf('0.1.0'));
    const { ada, grace, katherine } = known;

    const profile = await app.request('/profile/me', { headers: bearer(ada.accessToken) });
    expect(await profile.json()).toMatchObject({
      email: 'Ada@Example.com',
      bio: expect.any(String),
    });
    const refreshed = await refresh(ada.refreshToken);
    expect(refreshed.status).toBe(200);
    const { access_token: token } = (await refreshed.json()) as { access_token: string };
    const changed = await app.request(
      '/profile/me',
      json('PUT', { name: 'Ada L.' }, bearer(token)),
    );
    expect(await changed.json()).toMatchObject({ name: 'Ada L.', bio: 'First programmer.' });

    const record = await app.request('/auth/activity', { headers: bearer(grace.accessToken) });
    const { events } = (await record.json()) as { events: { action: string }[] };
    expect(events.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['login', 'password_change', 'logout']),
    );

    for (const [name, password] of [
      [ada.email, ada.password],
      [grace.email, grace.password],
      [katherine.phone, katherine.password],
    ] as const) {
      expect((await logIn(name, password)).status).toBe(200);
    }
    expect((await logIn(grace.email, 'nanoseconds of wire')).status).toBe(400);
    expect((await refresh(katherine.refreshToken)).status).toBe(200);

    const end = await app.request('/auth/sessions?all=true', {
      method: 'DELETE',
      headers: bearer(token),
    });
    expect(end.status).toBe(204);
    expect((await app.request('/profile/me', { headers: bearer(token) })).status).toBe(401);
    close();
  });

  test('a lock expires when it would have, and a disabled account stays disabled', async () => {
    const { logIn, advance, close } = await upgraded(copyOf('0.1.0'));
    const { locked, disabled } = known;
    expect((await logIn(locked.email, locked.password)).status).toBe(400);
    expect((await logIn(disabled.email, disabled.password)).status).toBe(400);
    advance(60);
    expect((await logIn(locked.email, locked.password)).status).toBe(200);
    expect((await logIn(disabled.email, disabled.password)).status).toBe(400);
    close();
  });
});
