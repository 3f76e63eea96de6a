import { describe, expect, test } from 'vitest';
import { parseDatabaseConfig } from '../src/config/config.ts';
import {
  errorOf,
  GOOD_SECRET,
  nameOf,
  onLaptop,
  onWorkers,
  parse,
  production,
  refused,
  type Settings,
} from './support/settings.ts';

describe('a host without files', () => {
  const secret = { SECRET_KEY: GOOD_SECRET };
  const withoutD1 = { ...onWorkers, databaseUrl: undefined };

  test('uses its own database unless DATABASE_URL names a server', () => {
    expect(parse(secret, onWorkers).databaseUrl).toBe('d1:');
    for (const url of ['libsql://db.example', 'https://db.example', 'http://127.0.0.1:8080']) {
      expect(parse({ ...secret, DATABASE_URL: url }, onWorkers).databaseUrl).toBe(url);
      expect(parse({ ...secret, DATABASE_URL: url }, withoutD1).databaseUrl).toBe(url);
    }
  });

  test('rejects a DATABASE_URL of a file, which a laptop accepts', () => {
    for (const url of ['file:./a.db', 'file:///a.db']) {
      const settings = { ...secret, DATABASE_URL: url };
      expect(refused(settings, onWorkers)).toEqual(['DATABASE_URL']);
      expect(refused(settings, withoutD1)).toEqual(['DATABASE_URL']);
      expect(parse(settings, onLaptop).databaseUrl).toBe(url);
    }
  });

  test('an in-memory database is rejected on every host, because its data would be lost', () => {
    for (const url of ['file::memory:', 'file::memory:?cache=shared', 'file:?mode=memory']) {
      expect(refused({ ...secret, DATABASE_URL: url }, onLaptop)).toEqual(['DATABASE_URL']);
    }
  });

  test('requires DATABASE_URL if it has no database of its own', () => {
    expect(refused(secret, withoutD1)).toEqual(['DATABASE_URL']);
    expect(refused({ ...secret, DATABASE_URL: '' }, withoutD1)).toEqual(['DATABASE_URL']);
    expect(refused({}, withoutD1).toSorted()).toEqual(['DATABASE_URL', 'SECRET_KEY']);
  });
});

describe('[S50] a database that is reached without TLS', () => {
  const elsewhere = [
    'http://db.example',
    'http://db.example:8080/?authToken=t',
    'http://10.0.0.5:8080',
    'http://0.0.0.0:8080',
    'http://128.0.0.1',
    'http://127.0.0.1.evil.example',
    'http://localhost.evil.example',
    'http://localhost@evil.example',
    'http://localhost:80@evil.example',
    'http://evil.example#@localhost',
    'http://evil.example/localhost',
    'http://[::2]:8080',
    'http://[::1].evil.example',
    'libsql://db.example:8080?tls=0',
    'libsql://db.example:8080?authToken=t&tls=0',
    'libsql://db.example:8080?t%6cs=%30',
    'libsql://db.example:8080?tls=1&tls=0',
  ];
  const safe = [
    'https://db.example',
    'libsql://db.example',
    'libsql://db.example?tls=1',
    'libsql://db.example?authToken=tls%3D0',
    'libsql://127.0.0.1:8080?tls=0',
    'http://localhost:8080',
    'http://LOCALHOST',
    'http://127.0.0.1',
    'http://127.8.9.10:8080/path?authToken=t',
    'http://[::1]:8080',
    'file:./a.db',
  ];
  const parseForCommand = (record: Settings) => parseDatabaseConfig(record, 'file:./default.db');

  test.each(elsewhere)('production rejects %s, on every host and for every command', (url) => {
    const settings = { ...production, DATABASE_URL: url };
    expect(refused(settings)).toEqual(['DATABASE_URL']);
    expect(refused(settings, onWorkers)).toEqual(['DATABASE_URL']);
    const { problems } = errorOf(() => parseForCommand(settings));
    expect(problems).toEqual([expect.stringMatching(/^DATABASE_URL: .*DATABASE_INSECURE=on/)]);
    for (const NODE_ENV of ['production', 'staging']) {
      expect(() => parseForCommand({ NODE_ENV, DATABASE_URL: url })).toThrow('DATABASE_URL: ');
    }
  });

  test.each(elsewhere)('with DATABASE_INSECURE=on, production accepts %s', (url) => {
    const settings = { ...production, DATABASE_URL: url, DATABASE_INSECURE: 'on' };
    expect(parse(settings).databaseUrl).toBe(url);
    expect(parseForCommand(settings).databaseUrl).toBe(url);
    expect(refused({ ...settings, DATABASE_INSECURE: 'off' })).toEqual(['DATABASE_URL']);
  });

  test.each(elsewhere)('development accepts %s', (url) => {
    expect(parse({ DATABASE_URL: url }).databaseUrl).toBe(url);
    expect(parseForCommand({ DATABASE_URL: url }).databaseUrl).toBe(url);
  });

  test.each(safe)('production accepts %s', (url) => {
    expect(parse({ ...production, DATABASE_URL: url }).databaseUrl).toBe(url);
    expect(parseForCommand({ ...production, DATABASE_URL: url }).databaseUrl).toBe(url);
  });
});

describe('parseDatabaseConfig', () => {
  const parseDatabase = (record: Settings) => parseDatabaseConfig(record, 'file:./default.db');

  test('uses the default without settings', () => {
    const expected = { databaseUrl: 'file:./default.db', databaseAuthToken: undefined };
    expect(parseDatabase({})).toEqual(expected);
    expect(parseDatabase({ DATABASE_URL: '', DATABASE_AUTH_TOKEN: '' })).toEqual(expected);
  });

  test('reads the two settings of the database', () => {
    const record = { DATABASE_URL: 'libsql://db.example', DATABASE_AUTH_TOKEN: 'token' };
    expect(parseDatabase(record)).toEqual({
      databaseUrl: 'libsql://db.example',
      databaseAuthToken: 'token',
    });
  });

  test('ignores other settings, even if production would reject them', () => {
    const others = { APP_ENV: 'production', PORT: 'x', PASSWORD_ROUNDS: '1', SEED_DEMO_USER: '1' };
    expect(parseDatabase(others)).toEqual(parseDatabase({}));
  });

  test('names invalid settings without their values', () => {
    const error = errorOf(() =>
      parseDatabase({
        DATABASE_URL: 'mysql://root:hunter2@db',
        DATABASE_AUTH_TOKEN: '7f3a'.repeat(4096),
      }),
    );
    expect(error.problems.map(nameOf)).toEqual(['DATABASE_URL', 'DATABASE_AUTH_TOKEN']);
    expect(error.message).not.toMatch(/hunter2|mysql|7f3a/);
  });
});
