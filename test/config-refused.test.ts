import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { MAX_ROUNDS } from '../src/config/bounds.ts';
import { describeSettings } from '../src/config/describe-settings.ts';
import type { ConfigError } from '../src/core/errors.ts';
import {
  DEFAULT_LIMITS,
  DEFAULT_PAGES,
  errorOf,
  GOOD_SECRET,
  nameOf,
  onLaptop,
  onWorkers,
  parse,
  production,
  refused,
  SETTINGS,
  type Settings,
} from './support/settings.ts';

describe('ConfigError', () => {
  const bad: Settings = {
    PORT: 'port-7f3a',
    HOST: `host-7f3a${'x'.repeat(250)}`,
    DATABASE_URL: 'mysql://root:hunter2@db.internal/users',
    DATABASE_AUTH_TOKEN: `token-7f3a${'x'.repeat(8192)}`,
    DATABASE_INSECURE: 'insecure-7f3a',
    SECRET_KEY: `secret-7f3a${'x'.repeat(1024)}`,
    SECRET_KEY_FILE: '/nowhere/file-7f3a',
    SECRET_KEY_PREVIOUS: `previous-7f3a${'x'.repeat(1024)}`,
    SECRET_KEY_PREVIOUS_FILE: '/nowhere/file-7f3a',
    ALGORITHM: 'algorithm-7f3a',
    JWT_ISSUER: 'issuer 7f3a',
    JWT_AUDIENCE: 'audience 7f3a',
    ACCESS_TOKEN_EXPIRE_MINUTES: 'minutes-7f3a',
    ...{ SESSION_IDLE_DAYS: '7f3a', SESSION_ABSOLUTE_DAYS: '7f3a', SESSION_MAX_PER_USER: '7f3a' },
    REFRESH_GRACE_SECONDS: '7f3a',
    ADMIN_EMAIL: 'email-7f3a'.repeat(26),
    ADMIN_PHONE: 'phone-7f3a'.repeat(4),
    TRUSTED_PROXY_HOPS: '7f3a',
    RATE_LIMIT_LOGIN: '7f3a',
    RATE_LIMIT_LOGIN_ADDRESS: '7f3a',
    RATE_LIMIT_SIGNUP: '7f3a',
    RATE_LIMIT_REFRESH: '7f3a',
    RATE_LIMIT_DEFAULT: '7f3a',
    MAX_IN_FLIGHT: 'requests-7f3a',
    CORS_ORIGINS: 'https://good-7f3a.example,origin-7f3a',
    SEED_DEMO_USER: 'demo-7f3a',
    DOCS: 'docs-7f3a',
    DEFAULT_PHONE_REGION: 'region-7f3a',
    PASSWORD_ROUNDS: 'rounds-7f3a',
    MIN_PASSWORD_LENGTH: 'length-7f3a',
    HIBP: 'hibp-7f3a',
    HIBP_URL: 'http://root:hunter2@db.internal/7f3a/',
    ...{ PROFILE_FIELDS: 'fields-7f3a', PROFILE_FIELDS_FILE: '/nowhere/7f3a' },
    MAIL: 'imap://root:hunter2@db.internal/7f3a',
    MAIL_FROM: 'from 7f3a',
    SMS: 'sms-7f3a',
    MESSAGE_WEBHOOK_SECRET: 'whsec_7f3a',
    PUBLIC_URL: 'http://root:hunter2@db.internal/7f3a',
    APP_LINKS: '{"reset":"javascript:7f3a({token})"}',
    SMS_COUNTRIES: 'country-7f3a',
    SMS_DAILY_LIMIT: 'limit-7f3a',
    NOTICES: 'lockout,login-7f3a',
    RATE_LIMIT_MESSAGES: '7f3a',
    SIGNUP_MODE: 'mode-7f3a',
    REQUIRE_VERIFIED: '7f3a',
    PAGES: 'pages-7f3a',
    BRAND_NAME: '7f3a\n',
    BRAND_LOGO: 'http://root:hunter2@db.internal/7f3a.png',
    BRAND_COLOR: '#7f3',
    BRAND_TERMS: 'javascript:7f3a',
    BRAND_PRIVACY: 'https://a.example/7f3a;b',
    AUDIT_RETENTION_DAYS: 'retention-7f3a',
    LOG_LEVEL: 'level-7f3a',
    LOG_FORMAT: 'xml-7f3a',
    APP_ENV: 'environment-7f3a',
  };

  /** Everything about an error that a log, a terminal or an error report could show. */
  const shown = (error: ConfigError): string =>
    [error.message, error.stack, ...error.problems, inspect(error), JSON.stringify(error)].join();

  test('every invalid setting is named at once, one per line', () => {
    const error = errorOf(() => parse(bad));
    expect(new Set(error.problems.map(nameOf))).toEqual(new Set(SETTINGS));
    expect(error.message.split('\n').slice(1)).toEqual(error.problems.map((line) => `  ${line}`));
    expect(error.name).toBe('ConfigError');
  });

  test('no value is included, not even in part', () => {
    expect(shown(errorOf(() => parse(bad)))).not.toMatch(/7f3a|hunter2|mysql|root|db\.internal/);
  });

  test.each(Object.entries(bad))('%s alone is named, without its value', (name, value) => {
    const settings = { SECRET_KEY: GOOD_SECRET, [name]: value };
    const error = errorOf(() => parse(settings));
    expect(error.problems.map(nameOf)).toEqual([name]);
    expect(shown(error)).not.toContain('7f3a');
    expect(shown(error)).not.toContain('hunter2');
  });

  test('[S10] a secret that production rejects is not included', () => {
    for (const secret of ['7f3a-short', '7f3a'.repeat(20)]) {
      const error = errorOf(() => parse({ APP_ENV: 'production', SECRET_KEY: secret }));
      expect(shown(error)).not.toContain('7f3a');
    }
  });

  test('each problem contains more than the name', () => {
    for (const problem of errorOf(() => parse(bad)).problems) {
      expect(problem).toMatch(/^[A-Z_]+: \S.{5,}/);
    }
  });
});

describe('production', () => {
  test('[S10] a valid config is accepted unchanged', () => {
    const config = parse({
      ...production,
      HOST: '0.0.0.0',
      PORT: '8080',
      DATABASE_URL: 'libsql://db.example',
      DATABASE_AUTH_TOKEN: 'token',
      ACCESS_TOKEN_EXPIRE_MINUTES: '15',
      CORS_ORIGINS: 'https://app.example.com',
      SEED_DEMO_USER: 'false',
      PASSWORD_ROUNDS: '10',
      LOG_LEVEL: 'warn',
    });
    expect(config).toEqual({
      environment: 'production',
      host: '0.0.0.0',
      port: 8080,
      databaseUrl: 'libsql://db.example',
      databaseAuthToken: 'token',
      secretKeys: [GOOD_SECRET],
      secretFiles: [],
      algorithm: 'HS256',
      issuer: 'latchkey',
      audience: 'latchkey',
      accessTokenLifetimeSeconds: 900,
      sessionLifetime: { idle: 14 * 86_400_000, absolute: 30 * 86_400_000 },
      maxSessionsPerUser: 50,
      refreshGraceSeconds: 10,
      trustedProxyHops: 0,
      rateLimits: DEFAULT_LIMITS,
      maxInFlight: 512,
      corsOrigins: ['https://app.example.com'],
      allowsLoopbackOrigins: false,
      seedDemoUser: false,
      isDemoUserLeftOut: false,
      servesDocs: true,
      defaultPhoneRegion: 'IN',
      passwordRounds: 10,
      minPasswordLength: 8,
      breachedPasswordsUrl: undefined,
      messages: {
        mail: undefined,
        mailFrom: 'Latchkey <latchkey@localhost>',
        sms: undefined,
        webhookSecret: undefined,
        publicUrl: undefined,
        appLinks: {},
        smsCountries: undefined,
        smsDailyLimit: 1000,
        notices: ['password_changed', 'new_login', 'refresh_reuse', 'lockout'],
      },
      pages: { ...DEFAULT_PAGES, isServed: false, isUrlMissing: true, acceptsHost: false },
      signUpMode: 'open',
      requiresVerified: false,
      firstAdmin: { email: undefined, phone: undefined },
      auditRetention: 180 * 86_400_000,
      logLevel: 'warn',
      logFormat: 'json',
    });
  });

  const secrets = (secret: string) => ({ ...production, SECRET_KEY: secret });

  test('[S10] a config without SECRET_KEY is rejected', () => {
    expect(refused({ APP_ENV: 'production' })).toEqual(['SECRET_KEY']);
    expect(refused(secrets(''))).toEqual(['SECRET_KEY']);
    expect(refused({}, onWorkers)).toEqual(['SECRET_KEY']);
    expect(refused({ NODE_ENV: 'staging' })).toEqual(['SECRET_KEY']);
  });

  test('[S10] a SECRET_KEY of 32 bytes is accepted, of 31 rejected', () => {
    const bytes32 = GOOD_SECRET.slice(0, 32);
    expect(parse(secrets(bytes32)).secretKeys).toEqual([bytes32]);
    expect(refused(secrets(bytes32.slice(1)))).toEqual(['SECRET_KEY']);
  });

  test('[S10] the length of SECRET_KEY is counted in bytes, not in characters', () => {
    const twoBytesEach = 'éßñçøæåþðüöäîôûê';
    expect(parse(secrets(twoBytesEach)).secretKeys).toEqual([twoBytesEach]);
    expect(refused(secrets(`${twoBytesEach.slice(1)}x`))).toEqual(['SECRET_KEY']);
    const fourBytes = '😀';
    const bytes28 = GOOD_SECRET.slice(0, 28);
    expect(parse(secrets(`${bytes28}${fourBytes}`)).secretKeys).toHaveLength(1);
    expect(refused(secrets(`${bytes28.slice(1)}${fourBytes}`))).toEqual(['SECRET_KEY']);
  });

  test.each([
    '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
    'a-string-secret-at-least-256-bits-long',
    'super-secret-jwt-token-with-at-least-32-characters-long',
    'your-super-secret-jwt-token-with-at-least-32-characters-long',
    'better-auth-secret-12345678901234567890',
    'your-secret-key-change-this-in-production',
    '0123456789abcdef0123456789abcdef',
    '12345678901234567890123456789012',
  ])(
    '[S10] the published SECRET_KEY %s is rejected, also in capitals or with spaces around it',
    (secret) => {
      expect(refused(secrets(secret))).toEqual(['SECRET_KEY']);
      expect(refused(secrets(secret.toUpperCase()))).toEqual(['SECRET_KEY']);
      expect(refused(secrets(`  ${secret}\t`))).toEqual(['SECRET_KEY']);
      expect(parse({ SECRET_KEY: secret }).secretKeys).toEqual([secret]);
    },
  );

  test('[S10] a SECRET_KEY of eight distinct characters is accepted, of seven rejected', () => {
    const eight = 'hcagfbdebhgadcfeahbfcgedfhagbcedbgfhecad';
    expect(parse(secrets(eight)).secretKeys).toEqual([eight]);
    expect(refused(secrets(eight.replaceAll('h', 'a')))).toEqual(['SECRET_KEY']);
    expect(refused(secrets('abcdefg'.repeat(10)))).toEqual(['SECRET_KEY']);
    expect(refused(secrets('x'.repeat(64)))).toEqual(['SECRET_KEY']);
    expect(refused(secrets(' '.repeat(64)))).toEqual(['SECRET_KEY']);
    expect(refused(secrets('😀'.repeat(16)))).toEqual(['SECRET_KEY']);
  });

  test('[S10] a short or published SECRET_KEY_PREVIOUS is rejected too', () => {
    const previous = (secret: string) => ({ ...production, SECRET_KEY_PREVIOUS: secret });
    const other = GOOD_SECRET.toLowerCase();
    expect(parse(previous(other)).secretKeys).toEqual([GOOD_SECRET, other]);
    expect(parse(previous('')).secretKeys).toEqual([GOOD_SECRET]);
    for (const bad of ['short', 'your-secret-key-change-this-in-production']) {
      expect(refused(previous(bad))).toEqual(['SECRET_KEY_PREVIOUS']);
    }
    expect(refused({ APP_ENV: 'production', SECRET_KEY_PREVIOUS: 'short' })).toEqual([
      'SECRET_KEY',
      'SECRET_KEY_PREVIOUS',
    ]);
  });

  test('[S10] a setting that requests the demo user is rejected', () => {
    for (const on of ['true', '1']) {
      expect(refused({ ...production, SEED_DEMO_USER: on })).toEqual(['SEED_DEMO_USER']);
    }
    for (const off of ['false', '0', '']) {
      expect(parse({ ...production, SEED_DEMO_USER: off }).seedDemoUser).toBe(false);
    }
  });

  test('[S10] fewer than six PASSWORD_ROUNDS are rejected', () => {
    for (const rounds of ['1', '2', '3', '4', '5']) {
      expect(refused({ ...production, PASSWORD_ROUNDS: rounds })).toEqual(['PASSWORD_ROUNDS']);
    }
    for (const rounds of [6, 7, MAX_ROUNDS]) {
      expect(parse({ ...production, PASSWORD_ROUNDS: `${rounds}` }).passwordRounds).toBe(rounds);
    }
  });

  test.each(['05', '01', '000000005'])(
    '[S10] fewer than six PASSWORD_ROUNDS are rejected when written %s',
    (rounds) => {
      expect(refused({ ...production, PASSWORD_ROUNDS: rounds })).toEqual(['PASSWORD_ROUNDS']);
    },
  );

  test('[S10] every insecure setting is named at once', () => {
    const doors = { APP_ENV: 'production', SEED_DEMO_USER: '1', PASSWORD_ROUNDS: '1', PORT: 'x' };
    expect(new Set(refused(doors))).toEqual(
      new Set(['PORT', 'SECRET_KEY', 'SEED_DEMO_USER', 'PASSWORD_ROUNDS']),
    );
  });

  test('[S10] development accepts settings that production rejects', () => {
    const laptop = { APP_ENV: 'development', SECRET_KEY: 'x', SEED_DEMO_USER: '1' };
    const config = parse({ ...laptop, PASSWORD_ROUNDS: '1' });
    expect(config).toMatchObject({ secretKeys: ['x'], seedDemoUser: true, passwordRounds: 1 });
  });
});

const DATABASE = ['DATABASE_URL', 'DATABASE_AUTH_TOKEN', 'DATABASE_INSECURE'];
const PROFILES = SETTINGS.filter((name) => name.startsWith('PROFILE_FIELDS'));
const SECRETS = SETTINGS.filter((name) => name.startsWith('SECRET_KEY'));

describe('describeSettings', () => {
  test.each([
    ['serve', SETTINGS],
    ...(['migrate', 'backup', 'check', 'export'] as const).map(
      (reader) => [reader, [...DATABASE, 'APP_ENV']] as const,
    ),
    ['keys', [...DATABASE, ...SECRETS, 'ALGORITHM', 'APP_ENV']],
    [
      'users',
      [
        ...['PORT', 'HOST', ...DATABASE, ...SECRETS, 'DEFAULT_PHONE_REGION', ...PROFILES],
        ...['MAIL', 'MAIL_FROM', 'SMS', 'MESSAGE_WEBHOOK_SECRET', 'PUBLIC_URL', 'APP_LINKS'],
        ...['SMS_COUNTRIES', 'SMS_DAILY_LIMIT', 'NOTICES', 'PAGES', 'APP_ENV'],
      ],
    ],
  ] as const)('%s: one line for each setting that it reads, and nothing else', (reader, names) => {
    const lines = describeSettings(reader).split('\n');
    expect(lines.map((line) => line.trim().split(/ +/)[0])).toEqual(names);
    for (const line of lines) expect(line).toMatch(/^ {2}[A-Z_]+ +[^ ].{10,}$/);
    expect(describeSettings(reader)).not.toContain('undefined');
  });

  test('a setting that keys does not read is not rejected, and has its default', () => {
    const reader = { ...onLaptop, reader: 'keys' } as const;
    const others = { PORT: 'x', HOST: 'y', JWT_ISSUER: 'z' };
    expect(parse({ ALGORITHM: 'ES256', ...others }, reader)).toEqual(parse({ ALGORITHM: 'ES256' }));
    expect(refused({ ALGORITHM: 'x', ...others }, reader)).toEqual(['ALGORITHM']);
    expect(refused({ ALGORITHM: 'x', ...others })).toEqual(['PORT', 'ALGORITHM']);
  });
});
