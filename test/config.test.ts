import { describe, expect, test, vi } from 'vitest';
import { MAX_ROUNDS } from '../src/config/bounds.ts';
import { type Config, parseConfig } from '../src/config/config.ts';
import {
  DEFAULT_LIMITS,
  DEFAULT_PAGES,
  GOOD_SECRET,
  onLaptop,
  onWorkers,
  parse,
  production,
  refused,
  SETTINGS,
} from './support/settings.ts';

const WITHOUT_DEMO_USER = { seedDemoUser: false, isDemoUserLeftOut: true };

describe('defaults', () => {
  test('without any setting, a laptop gets a complete development config', () => {
    expect(parse({})).toEqual({
      environment: 'development',
      host: '127.0.0.1',
      port: 8000,
      databaseUrl: 'file:./laptop.db',
      databaseAuthToken: undefined,
      secretKeys: ['a secret of the laptop'],
      secretFiles: [],
      algorithm: 'HS256',
      issuer: 'latchkey',
      audience: 'latchkey',
      accessTokenLifetimeSeconds: 3600,
      sessionLifetime: { idle: 14 * 86_400_000, absolute: 30 * 86_400_000 },
      maxSessionsPerUser: 50,
      refreshGraceSeconds: 10,
      trustedProxyHops: 0,
      rateLimits: DEFAULT_LIMITS,
      maxInFlight: 512,
      corsOrigins: [],
      allowsLoopbackOrigins: true,
      seedDemoUser: true,
      isDemoUserLeftOut: false,
      servesDocs: true,
      defaultPhoneRegion: 'IN',
      passwordRounds: 6,
      minPasswordLength: 8,
      breachedPasswordsUrl: undefined,
      messages: {
        mail: { kind: 'console' },
        mailFrom: 'Latchkey <latchkey@localhost>',
        sms: { kind: 'console' },
        webhookSecret: undefined,
        publicUrl: undefined,
        appLinks: {},
        smsCountries: undefined,
        smsDailyLimit: 1000,
        notices: ['password_changed', 'new_login', 'refresh_reuse', 'lockout'],
      },
      signUpMode: 'open',
      ...{ requiresVerified: false, firstAdmin: { email: undefined, phone: undefined } },
      pages: DEFAULT_PAGES,
      avatars: { kind: 'default' },
      auditRetention: 180 * 86_400_000,
      logLevel: 'info',
      logFormat: 'auto',
    });
  });

  test('in production, no origin is allowed and no demo user is created', () => {
    const { environment, corsOrigins, allowsLoopbackOrigins, seedDemoUser, passwordRounds } =
      parse(production);
    expect(environment).toBe('production');
    expect([corsOrigins, allowsLoopbackOrigins]).toEqual([[], false]);
    expect(seedDemoUser).toBe(false);
    expect(passwordRounds).toBe(6);
  });

  test('every setting counts as unset if it is empty', () => {
    expect(parse(Object.fromEntries(SETTINGS.map((name) => [name, ''])))).toEqual(parse({}));
  });

  test('unknown names are ignored, whatever their values', () => {
    const foreign = { port: 'x', PORTS: 'x', SECRET: '', PATH: '/bin', ['__proto__']: 'x' };
    expect(parse(foreign)).toEqual(parse({}));
  });

  test('the secret of the host is requested once, with the URL of its database', () => {
    const developmentSecret = vi.fn(() => 'made for this database');
    const config = parse({ DATABASE_URL: 'file:./other.db' }, { ...onLaptop, developmentSecret });
    expect(config.secretKeys).toEqual(['made for this database']);
    expect(developmentSecret.mock.calls).toEqual([['file:./other.db']]);
  });

  test('the secret of the host is not requested if SECRET_KEY is set, or in production', () => {
    const developmentSecret = vi.fn(() => 'never to be used');
    const defaults = { ...onLaptop, developmentSecret };
    expect(parse({ SECRET_KEY: 'mine' }, defaults).secretKeys).toEqual(['mine']);
    expect(refused({ APP_ENV: 'production' }, defaults)).toEqual(['SECRET_KEY']);
    expect(developmentSecret).not.toHaveBeenCalled();
  });

  test('a host without a secret of its own requires SECRET_KEY in development too', () => {
    expect(refused({ APP_ENV: 'development' }, onWorkers)).toEqual(['SECRET_KEY']);
  });
});

describe('environment', () => {
  const secret = { SECRET_KEY: GOOD_SECRET };

  test.each([
    ['production', 'development', 'development', 'production'],
    ['development', 'production', 'production', 'development'],
    ['', 'production', 'development', 'production'],
    ['', 'staging', 'development', 'production'],
    ['', 'Development', 'development', 'production'],
    ['', 'development', 'production', 'development'],
    ['', 'test', 'production', 'development'],
    ['', '', 'production', 'production'],
    ['', '', 'development', 'development'],
  ] as const)(
    'APP_ENV "%s", NODE_ENV "%s" on a host of %s mean %s',
    (appEnv, nodeEnv, host, expected) => {
      const record = { ...secret, APP_ENV: appEnv, NODE_ENV: nodeEnv };
      expect(parse(record, { ...onLaptop, environment: host }).environment).toBe(expected);
    },
  );

  test('without APP_ENV and NODE_ENV, the host decides', () => {
    expect(parse(secret, onLaptop).environment).toBe('development');
    expect(parse(secret, onWorkers).environment).toBe('production');
  });

  test('an unknown APP_ENV is rejected, and the rules of production apply', () => {
    expect(refused({ ...secret, APP_ENV: 'staging' })).toEqual(['APP_ENV']);
    expect(refused({ APP_ENV: 'prod', SEED_DEMO_USER: 'true' }).toSorted()).toEqual([
      'APP_ENV',
      'SECRET_KEY',
      'SEED_DEMO_USER',
    ]);
  });
});

describe('each setting', () => {
  test('may be a number or a boolean, like the variables of a Worker', () => {
    const variables = { PASSWORD_ROUNDS: 8, SEED_DEMO_USER: false, LOG_LEVEL: 'warn' };
    expect(parseConfig(variables, onLaptop)).toMatchObject({
      passwordRounds: 8,
      seedDemoUser: false,
      logLevel: 'warn',
    });
    expect(() => parseConfig({ PASSWORD_ROUNDS: 0.5 }, onLaptop)).toThrow('PASSWORD_ROUNDS: ');
    expect(parseConfig({ DATABASE_URL: { binding: 'object' } }, onLaptop).databaseUrl).toBe(
      onLaptop.databaseUrl,
    );
  });

  const accepted: [string, string, Partial<Config>][] = [
    ['PORT', '0', { port: 0 }],
    ['PORT', '65535', { port: 65_535 }],
    ['PORT', '08', { port: 8 }],
    ['HOST', '127.0.0.2', { host: '127.0.0.2' }],
    ['HOST', 'h'.repeat(253), { host: 'h'.repeat(253), ...WITHOUT_DEMO_USER }],
    ['DATABASE_URL', 'file:./a.db', { databaseUrl: 'file:./a.db' }],
    ['DATABASE_URL', 'libsql://db.example', { databaseUrl: 'libsql://db.example' }],
    ['DATABASE_URL', 'https://db.example', { databaseUrl: 'https://db.example' }],
    ['DATABASE_URL', 'http://127.0.0.1:8080', { databaseUrl: 'http://127.0.0.1:8080' }],
    ['DATABASE_AUTH_TOKEN', 't'.repeat(8192), { databaseAuthToken: 't'.repeat(8192) }],
    ['SECRET_KEY', 's', { secretKeys: ['s'] }],
    ['SECRET_KEY', 's'.repeat(1024), { secretKeys: ['s'.repeat(1024)] }],
    ['SECRET_KEY_PREVIOUS', 'old', { secretKeys: ['a secret of the laptop', 'old'] }],
    ['ALGORITHM', 'HS256', { algorithm: 'HS256' }],
    ['ALGORITHM', 'ES256', { algorithm: 'ES256' }],
    ['ALGORITHM', 'EdDSA', { algorithm: 'EdDSA' }],
    ['JWT_ISSUER', 'https://api.example.com/', { issuer: 'https://api.example.com/' }],
    ['JWT_ISSUER', 'i'.repeat(255), { issuer: 'i'.repeat(255) }],
    ['JWT_AUDIENCE', 'mobile', { audience: 'mobile' }],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '1', { accessTokenLifetimeSeconds: 60 }],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '43200', { accessTokenLifetimeSeconds: 2_592_000 }],
    ['SESSION_MAX_PER_USER', '1000', { maxSessionsPerUser: 1000 }],
    ['AUDIT_RETENTION_DAYS', '1', { auditRetention: 86_400_000 }],
    ['AUDIT_RETENTION_DAYS', '3650', { auditRetention: 3650 * 86_400_000 }],
    ['REFRESH_GRACE_SECONDS', '0', { refreshGraceSeconds: 0 }],
    ['TRUSTED_PROXY_HOPS', '10', { trustedProxyHops: 10 }],
    ['MAX_IN_FLIGHT', '1', { maxInFlight: 1 }],
    ['MAX_IN_FLIGHT', '65535', { maxInFlight: 65_535 }],
    ['SEED_DEMO_USER', 'true', { seedDemoUser: true }],
    ['SEED_DEMO_USER', '1', { seedDemoUser: true }],
    ['SEED_DEMO_USER', 'false', { seedDemoUser: false }],
    ['SEED_DEMO_USER', '0', { seedDemoUser: false }],
    ['DOCS', 'off', { servesDocs: false }],
    ['DOCS', 'on', { servesDocs: true }],
    ['DEFAULT_PHONE_REGION', 'US', { defaultPhoneRegion: 'US' }],
    ['PASSWORD_ROUNDS', '1', { passwordRounds: 1 }],
    ['PASSWORD_ROUNDS', `${MAX_ROUNDS}`, { passwordRounds: MAX_ROUNDS }],
    ...(['debug', 'info', 'warn', 'error', 'silent'] as const).map(
      (logLevel): [string, string, Partial<Config>] => ['LOG_LEVEL', logLevel, { logLevel }],
    ),
  ];

  test.each(accepted)('%s accepts %s', (name, value, expected) => {
    expect(parse({ [name]: value })).toEqual({ ...parse({}), ...expected });
  });

  test.each([
    ['PORT', '65536'],
    ['HOST', 'h'.repeat(254)],
    ['DATABASE_URL', './a.db'],
    ['DATABASE_URL', 'file:'],
    ['DATABASE_URL', 'libsql://'],
    ['DATABASE_URL', 'https://'],
    ['DATABASE_URL', 'FILE:./a.db'],
    ['DATABASE_URL', ' file:./a.db'],
    ['DATABASE_URL', 'postgres://db.example'],
    ['DATABASE_URL', 'wss://db.example'],
    ['DATABASE_URL', `file:${'x'.repeat(2048)}`],
    ['DATABASE_AUTH_TOKEN', 't'.repeat(8193)],
    ['SECRET_KEY', 's'.repeat(1025)],
    ['SECRET_KEY_PREVIOUS', 's'.repeat(1025)],
    ['JWT_ISSUER', 'i'.repeat(256)],
    ['JWT_ISSUER', 'two words'],
    ['JWT_AUDIENCE', 'zoë'],
    ['JWT_AUDIENCE', 'a\u0000'],
    ['ALGORITHM', 'none'],
    ['ALGORITHM', 'HS512'],
    ['ALGORITHM', 'RS256'],
    ['ALGORITHM', 'hs256'],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '0'],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '43201'],
    ['MAX_IN_FLIGHT', '0'],
    ['MAX_IN_FLIGHT', '65536'],
    ['SEED_DEMO_USER', 'yes'],
    ['SEED_DEMO_USER', 'TRUE'],
    ['SEED_DEMO_USER', 'true '],
    ['SEED_DEMO_USER', '2'],
    ['DEFAULT_PHONE_REGION', 'in'],
    ['DEFAULT_PHONE_REGION', 'IND'],
    ['DEFAULT_PHONE_REGION', 'XX'],
    ['DEFAULT_PHONE_REGION', '+91'],
    ['DEFAULT_PHONE_REGION', 'constructor'],
    ['DEFAULT_PHONE_REGION', '__proto__'],
    ['PASSWORD_ROUNDS', '0'],
    ['PASSWORD_ROUNDS', `${MAX_ROUNDS + 1}`],
    ['HIBP', 'true'],
    ['HIBP', 'ON'],
    ['DOCS', 'false'],
    ['PAGES', 'true'],
    ['BRAND_NAME', 'a'.repeat(61)],
    ['BRAND_LOGO', 'http://example.com/logo.png'],
    ['BRAND_LOGO', "https://example.com/';logo.png"],
    ['BRAND_COLOR', 'blue'],
    ['BRAND_COLOR', '#12345g'],
    ['BRAND_TERMS', '/terms'],
    ['BRAND_PRIVACY', 'https://example.com/a b'],
    ['DATABASE_INSECURE', 'true'],
    ['SECRET_KEY_FILE', 'secret_key'],
    ['AUDIT_RETENTION_DAYS', '0'],
    ['AUDIT_RETENTION_DAYS', '3651'],
    ['LOG_LEVEL', 'verbose'],
    ['LOG_LEVEL', 'INFO'],
    ['APP_ENV', 'Production'],
    ['APP_ENV', 'test'],
  ])('%s rejects %s', (name, value) => {
    const settings = { SECRET_KEY: GOOD_SECRET, [name]: value };
    expect(refused(settings)).toEqual([name]);
  });

  const numbers = ['PORT', 'ACCESS_TOKEN_EXPIRE_MINUTES', 'MAX_IN_FLIGHT', 'PASSWORD_ROUNDS'];

  test.each(numbers)('%s accepts only decimal digits', (name) => {
    const texts = [
      ...['1e3', '1e0', '-1', '-0', '+5', ' 5', '5 ', '5\n', '5.5', '5.0', '5,0', '0x5', '0b1'],
      ...['1_0', 'five', 'NaN', 'Infinity', '５', '٥', '5n', '1'.repeat(10), '0'.repeat(10)],
      '9'.repeat(400),
    ];
    for (const text of texts) {
      expect([text, refused({ [name]: text })]).toEqual([text, [name]]);
    }
  });

  test.each(numbers)('%s reads a leading zero as decimal, not as octal', (name) => {
    expect(parse({ [name]: '010' })).toEqual(parse({ [name]: '10' }));
  });
});
