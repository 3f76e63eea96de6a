import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'libsql';
import { expect, onTestFinished, test } from 'vitest';
import { Api } from '../support/api.ts';
import { emptyFolder, type ServerName, startServer } from '../support/server.ts';

/** Less than the time for which a write waits for a lock, and far more than a response takes. */
const AT_ONCE_MS = 2000;

test.each<ServerName>(['node', 'bun', 'deno'])(
  '%s: while another process holds a lock, reads succeed; a write waits, and returns 503 after 3 s',
  async (name) => {
    const folder = emptyFolder();
    const server = await startServer(name, folder, { DATABASE_URL: 'file:./x.db' });
    const api = new Api(server.baseUrl);
    const { bearer } = await api.newAccount();
    const other = new Database(join(folder, 'x.db'), { timeout: 5000 });
    onTestFinished(() => {
      other.close();
    });
    const rename = (text: string) => api.json('PATCH', '/profile/me', { name: text }, bearer);
    const readAll = async () => {
      const before = performance.now();
      for (const path of ['/healthz', '/readyz', '/profile/me']) {
        expect([path, (await api.get(path, bearer)).status]).toEqual([path, 200]);
      }
      return performance.now() - before;
    };

    other.exec('BEGIN IMMEDIATE');
    let isAnswered = false;
    const waiting = rename('Waited').finally(() => {
      isAnswered = true;
    });
    await delay(200);
    expect(await readAll()).toBeLessThan(AT_ONCE_MS);
    expect(isAnswered).toBe(false);
    other.exec('COMMIT');
    expect((await waiting).status).toBe(200);

    other.exec('BEGIN IMMEDIATE');
    const refused = rename('Refused');
    await delay(200);
    expect(await readAll()).toBeLessThan(AT_ONCE_MS);
    const answer = await refused;
    expect([answer.status, answer.body]).toEqual([
      503,
      expect.objectContaining({ code: 'database_unavailable' }),
    ]);
    other.exec('COMMIT');
    expect((await api.get('/profile/me', bearer)).body).toMatchObject({ name: 'Waited' });
    expect((await rename('Again')).status).toBe(200);
    expect(server.output()).not.toContain('panicked');
  },
);
