import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'mysql2';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openSource } from '../../src/runtime/sources/open.ts';
import { issueCertificate } from '../support/certificate.ts';
import { freePort } from '../support/free-port.ts';
import { emptyFolder } from '../support/server.ts';
import { startStubPostgres } from '../support/stub-database.ts';

/** An address of this machine that does not say so. */
const ELSEWHERE = '0.0.0.0';
const NO_TLS =
  'cannot be read: the server has no TLS. Where no other machine can listen in, add ?sslmode=disable to the URL.';

const refused = (url: string) => openSource('kpa', url).catch(String);

afterEach(() => void vi.unstubAllEnvs());

test('an error of a database server cannot send commands to the terminal', async () => {
  const { port } = await startStubPostgres({
    message: '\u001b]0;title\u0007 \u202e\nno s3cr3t-pw',
  });
  expect(await refused(`postgres://u:s3cr3t-pw@127.0.0.1:${port}/db`)).toBe(
    `CommandError: postgres://127.0.0.1:${port}/db cannot be read: ?]0;title? ??no ***.`,
  );
});

describe('the password of a PostgreSQL source', () => {
  test('may be in PGPASSWORD, and is not in errors', async () => {
    vi.stubEnv('PGPASSWORD', 's3cr3t-env');
    const { port, received } = await startStubPostgres({ message: 'wrong: s3cr3t-env' });
    expect(await refused(`postgres://ada@127.0.0.1:${port}/db`)).toMatch(/wrong: \*\*\*\.$/);
    expect(received).toHaveLength(2);
    expect(received[1]).toContain('s3cr3t-env\0');
    expect(await refused(`postgres://ada:s3cr3t-url@127.0.0.1:${port}/db`)).toMatch(/stub|wrong/);
    expect(received[3]).toContain('s3cr3t-url\0');
  });

  test('may be in a password file', async () => {
    const { port, received } = await startStubPostgres();
    const file = join(emptyFolder(), 'pgpass');
    writeFileSync(file, `127.0.0.1:${port}:db:ada:s3cr3t-file\n`, { mode: 0o600 });
    vi.stubEnv('PGPASSFILE', file);
    await refused(`postgres://ada@127.0.0.1:${port}/db`);
    expect(received[1]).toContain('s3cr3t-file\0');
  });
});

describe('a PostgreSQL source on another machine', () => {
  const url = (port: number, options = '') =>
    `postgres://ada:s3cr3t-pw@${ELSEWHERE}:${port}/db${options}`;

  test('without TLS gets no password, and its error names the way out', async () => {
    const { port, received } = await startStubPostgres();
    for (const options of ['', '?sslmode=require', '?sslmode=', `?host=${ELSEWHERE}`]) {
      expect(await refused(url(port, options))).toContain(NO_TLS);
    }
    const named = url(port, `?host=${ELSEWHERE}`).replace(ELSEWHERE, 'localhost');
    expect(await refused(named)).toContain(NO_TLS);
    expect(received.join()).not.toMatch(/ada|s3cr3t/);
  });

  test('is read without TLS where the URL or PGSSLMODE says so', async () => {
    const { port, received } = await startStubPostgres();
    expect(await refused(url(port, '?sslmode=disable'))).toMatch(/: stub\.$/);
    vi.stubEnv('PGSSLMODE', 'disable');
    expect(await refused(url(port))).toMatch(/: stub\.$/);
    vi.stubEnv('PGSSLMODE', 'allow');
    expect(await refused(url(port))).toContain(NO_TLS);
    expect(received.filter((text) => text.includes('s3cr3t-pw'))).toHaveLength(2);
  });

  test('with a certificate that nobody trusts gets no password', async () => {
    const { port, received } = await startStubPostgres({ tls: issueCertificate([ELSEWHERE]) });
    expect(await refused(url(port))).toMatch(
      /its certificate is of an unknown authority\. NODE_EXTRA_CA_CERTS=FILE names one/,
    );
    expect(received).toEqual([]);
    expect(await refused(url(port, '?sslmode=no-verify'))).toMatch(/: stub\.$/);
  });
});

test('a PostgreSQL source on this machine needs no TLS', async () => {
  const { port } = await startStubPostgres();
  for (const host of ['127.0.0.1', 'localhost'])
    expect(await refused(`postgres://ada:s3cr3t-pw@${host}:${port}/db`)).toMatch(/: stub\.$/);
  expect(await refused(`postgres://ada@127.0.0.1:${port}/db?sslmode=verify-full`)).toContain(
    NO_TLS,
  );
});

describe('a MySQL source on another machine', () => {
  const CLIENT_SSL = 0x800;
  /** A server without TLS that lets everybody in. */
  async function startStub(): Promise<{ port: number; logins: unknown[] }> {
    const logins: unknown[] = [];
    const server = createServer((connection) => {
      connection.on('error', () => {});
      connection.serverHandshake({
        ...{ protocolVersion: 10, serverVersion: 'stub', connectionId: 1, statusFlags: 2 },
        ...{ characterSet: 45, capabilityFlags: 0xff_ff_ff & ~CLIENT_SSL },
        authCallback(
          login: { readonly user: string },
          done: (failed: null, error: object) => void,
        ) {
          logins.push(login.user);
          done(null, { message: 'stub', code: 1105 });
        },
      });
    });
    const port = await freePort();
    server.listen(port);
    onTestFinished(() => void server.close(() => {}));
    return { port, logins };
  }

  test('without TLS is rejected with the way out, unless the URL says so', async () => {
    const { port, logins } = await startStub();
    const url = (options: string, host = ELSEWHERE) =>
      `mysql://ada:pw@${host}:${port}/db${options}`;
    for (const options of ['', '?sslmode=require', '?sslmode=verify-full', '?sslmode=no-verify'])
      expect(await refused(url(options))).toContain(NO_TLS);
    expect(await refused(url('?sslmode=require', '127.0.0.1'))).toContain(NO_TLS);
    expect(await refused(url('?sslmode=prefer'))).toMatch(
      /: sslmode must be one of: disable, no-verify, require, verify-full\.$/,
    );
    expect(logins).toEqual([]);
    for (const fine of [url('?sslmode=disable'), url('', '127.0.0.1'), url('', 'localhost')])
      expect(await refused(fine)).toMatch(/: stub\.$/);
    expect(logins).toEqual(['ada', 'ada', 'ada']);
  });
});
