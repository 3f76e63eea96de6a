import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { misspelledSettings } from '../src/config/misspelled-settings.ts';
import { errorOf, parse, production, SETTINGS } from './support/settings.ts';

describe('misspelledSettings', () => {
  test.each([
    ['RATE_LIMT_LOGIN', 'RATE_LIMIT_LOGIN'],
    ['RATE_LIMIT_LOGIN_ADRESS', 'RATE_LIMIT_LOGIN_ADDRESS'],
    ['RATE_LIMIT_SINGUP', 'RATE_LIMIT_SIGNUP'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['DATABSE_URL', 'DATABASE_URL'],
    ['SECRETKEY', 'SECRET_KEY'],
    ['SERCET_KEY', 'SECRET_KEY'],
    ['CORS_ORIGIN', 'CORS_ORIGINS'],
    ['APP_EN', 'APP_ENV'],
    ['log_level', 'LOG_LEVEL'],
  ])('%s: did you mean %s?', (name, meant) => {
    expect(misspelledSettings({ [name]: 'x' })).toEqual([`${name}: did you mean ${meant}?`]);
  });

  test('ignores correct settings, empty values, bindings and names of other programs', () => {
    expect(misspelledSettings(Object.fromEntries(SETTINGS.map((name) => [name, '1'])))).toEqual([]);
    expect(misspelledSettings({ DATABSE_URL: '', CORS_ORIGIN: undefined, HIBP_URLS: {} })).toEqual(
      [],
    );
    const others = [
      ...['HOME', 'PATH', 'POST', 'HOSTNAME', 'HOSTS', 'PORTS', 'DOCKER', 'NODE_ENV', 'LOGNAME'],
      ...['DATABASE_HOST', 'DATABASE_USER', 'REDIS_PORT', 'SECRET_KEY_BASE', 'JWT_SECRET'],
      ...['SESSION_MANAGER', 'XDG_SESSION_ID', 'APPDATA', 'LOG_FILE', 'APP_URL', 'SHELL', 'TERM'],
    ];
    expect(misspelledSettings(Object.fromEntries(others.map((name) => [name, 'x'])))).toEqual([]);
  });

  test('names at most five, without their values', () => {
    const record = Object.fromEntries('ABCDEFGH'.split('').map((end) => [`PORT_${end}`, '7f3a']));
    const typos = Object.fromEntries(
      'ABCDEFGH'.split('').map((end) => [`DATABASE_UR${end}`, '7f3a']),
    );
    const hints = misspelledSettings({ ...record, ...typos });
    expect(hints).toHaveLength(5);
    expect(hints.join()).not.toContain('7f3a');
  });

  test('accepts any names', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (record) => {
        for (const hint of misspelledSettings(record)) expect(hint).toContain(': did you mean ');
      }),
    );
  });

  test('a start that fails because of a missing setting names the misspelled one', () => {
    const { APP_ENV, SECRET_KEY } = production;
    const error = errorOf(() => parse({ APP_ENV, SECRET_KYE: SECRET_KEY }));
    expect(error.problems).toEqual([
      'SECRET_KEY: must be set in production',
      'SECRET_KYE: did you mean SECRET_KEY?',
    ]);
  });
});

describe('LOG_FORMAT', () => {
  test.each([
    ['development', undefined, 'auto'],
    ['development', 'json', 'json'],
    ['production', undefined, 'json'],
    ['production', 'auto', 'json'],
    ['production', 'pretty', 'pretty'],
  ])('in %s, %s: %s', (APP_ENV, format, expected) => {
    const settings = { ...production, APP_ENV, ...(format && { LOG_FORMAT: format }) };
    expect(parse(settings).logFormat).toBe(expected);
  });
});
