import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import {
  type Config,
  ConfigError,
  describeSettings,
  type HostDefaults,
  parseConfig,
  parseDatabaseConfig,
} from '../src/config.ts';
import { MAX_ROUNDS } from '../src/crypto/password-hash.ts';

const SETTINGS = [
  'PORT',
  'HOST',
  'DATABASE_URL',
  'DATABASE_AUTH_TOKEN',
  'SECRET_KEY',
  'ALGORITHM',
  'ACCESS_TOKEN_EXPIRE_MINUTES',
  'CORS_ORIGINS',
  'SEED_DEMO_USER',
  'DEFAULT_PHONE_REGION',
  'PASSWORD_ROUNDS',
  'LOG_LEVEL',
  'APP_ENV',
];

const onLaptop: HostDefaults = {
  environment: 'development',
  databaseUrl: 'file:./laptop.db',
  hasFiles: true,
  developmentSecret: () => 'a secret of the laptop',
};
const onWorkers: HostDefaults = {
  environment: 'production',
  databaseUrl: 'd1:',
  hasFiles: false,
};

/** Random, as `openssl rand -base64 48` makes them. */
const GOOD_SECRET = 'bsYq1XgkzNZ8pDdVQb0cQn3jv5T9wJmRrUe7HfLx2Ka4iGoW6yStEhMlPuAzCvFB';
const production = { APP_ENV: 'production', SECRET_KEY: GOOD_SECRET };

type Settings = Record<string, string>;

const parse = (record: Settings, defaults = onLaptop): Config => parseConfig(record, defaults);

function errorOf(run: () => unknown): ConfigError {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('These settings were accepted');
}

const nameOf = (problem: string): string => problem.slice(0, problem.indexOf(':'));

/** The settings that are refused, each once. */
const refused = (record: Settings, defaults = onLaptop): string[] => [
  ...new Set(errorOf(() => parse(record, defaults)).problems.map(nameOf)),
];

describe('defaults', () => {
  test('without any setting a laptop gets a whole development config', () => {
    expect(parse({})).toEqual({
      environment: 'development',
      host: '127.0.0.1',
      port: 8000,
      databaseUrl: 'file:./laptop.db',
      databaseAuthToken: undefined,
      secretKey: 'a secret of the laptop',
      algorithm: 'HS256',
      issuer: 'latchkey',
      audience: 'latchkey',
      accessTokenLifetimeSeconds: 3600,
      corsOrigins: ['http://localhost:8081', 'http://127.0.0.1:8081'],
      seedDemoUser: true,
      defaultPhoneRegion: 'IN',
      passwordRounds: 6,
      logLevel: 'info',
    });
  });

  test('in production no origin is allowed and no demo user is made', () => {
    const { environment, corsOrigins, seedDemoUser, passwordRounds } = parse(production);
    expect(environment).toBe('production');
    expect(corsOrigins).toEqual([]);
    expect(seedDemoUser).toBe(false);
    expect(passwordRounds).toBe(6);
  });

  test('every setting, set to an empty text, counts as unset', () => {
    expect(parse(Object.fromEntries(SETTINGS.map((name) => [name, ''])))).toEqual(parse({}));
  });

  test('names that are not ours are ignored, whatever they hold', () => {
    const foreign = { port: 'x', PORTS: 'x', SECRET: '', PATH: '/bin', ['__proto__']: 'x' };
    expect(parse(foreign)).toEqual(parse({}));
  });

  test('the secret of the host is asked for once, with the database it is for', () => {
    const developmentSecret = vi.fn(() => 'made for this database');
    const config = parse({ DATABASE_URL: 'file:./other.db' }, { ...onLaptop, developmentSecret });
    expect(config.secretKey).toBe('made for this database');
    expect(developmentSecret.mock.calls).toEqual([['file:./other.db']]);
  });

  test('the secret of the host is not asked for where SECRET_KEY is set or in production', () => {
    const developmentSecret = vi.fn(() => 'never to be used');
    const defaults = { ...onLaptop, developmentSecret };
    expect(parse({ SECRET_KEY: 'mine' }, defaults).secretKey).toBe('mine');
    expect(refused({ APP_ENV: 'production' }, defaults)).toEqual(['SECRET_KEY']);
    expect(developmentSecret).not.toHaveBeenCalled();
  });

  test('a host that makes no secret wants SECRET_KEY in development too', () => {
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

  test('without APP_ENV and NODE_ENV the host decides', () => {
    expect(parse(secret, onLaptop).environment).toBe('development');
    expect(parse(secret, onWorkers).environment).toBe('production');
  });

  test('an unknown APP_ENV is refused, and the rules of production hold meanwhile', () => {
    expect(refused({ ...secret, APP_ENV: 'staging' })).toEqual(['APP_ENV']);
    expect(refused({ APP_ENV: 'prod', SEED_DEMO_USER: 'true' }).toSorted()).toEqual([
      'APP_ENV',
      'SECRET_KEY',
      'SEED_DEMO_USER',
    ]);
  });
});

describe('each setting', () => {
  const accepted: [string, string, Partial<Config>][] = [
    ['PORT', '0', { port: 0 }],
    ['PORT', '65535', { port: 65_535 }],
    ['PORT', '08', { port: 8 }],
    ['HOST', '0.0.0.0', { host: '0.0.0.0' }],
    ['HOST', '::', { host: '::' }],
    ['HOST', 'h'.repeat(253), { host: 'h'.repeat(253) }],
    ['DATABASE_URL', 'file:./a.db', { databaseUrl: 'file:./a.db' }],
    ['DATABASE_URL', 'libsql://db.example', { databaseUrl: 'libsql://db.example' }],
    ['DATABASE_URL', 'https://db.example', { databaseUrl: 'https://db.example' }],
    ['DATABASE_URL', 'http://127.0.0.1:8080', { databaseUrl: 'http://127.0.0.1:8080' }],
    ['DATABASE_AUTH_TOKEN', 't'.repeat(8192), { databaseAuthToken: 't'.repeat(8192) }],
    ['SECRET_KEY', 's', { secretKey: 's' }],
    ['SECRET_KEY', 's'.repeat(1024), { secretKey: 's'.repeat(1024) }],
    ['ALGORITHM', 'HS256', { algorithm: 'HS256' }],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '1', { accessTokenLifetimeSeconds: 60 }],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '43200', { accessTokenLifetimeSeconds: 2_592_000 }],
    ['SEED_DEMO_USER', 'true', { seedDemoUser: true }],
    ['SEED_DEMO_USER', '1', { seedDemoUser: true }],
    ['SEED_DEMO_USER', 'false', { seedDemoUser: false }],
    ['SEED_DEMO_USER', '0', { seedDemoUser: false }],
    ['DEFAULT_PHONE_REGION', 'US', { defaultPhoneRegion: 'US' }],
    ['PASSWORD_ROUNDS', '1', { passwordRounds: 1 }],
    ['PASSWORD_ROUNDS', `${MAX_ROUNDS}`, { passwordRounds: MAX_ROUNDS }],
    ...(['debug', 'info', 'warn', 'error', 'silent'] as const).map(
      (logLevel): [string, string, Partial<Config>] => ['LOG_LEVEL', logLevel, { logLevel }],
    ),
  ];

  test.each(accepted)('%s takes %s', (name, value, expected) => {
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
    ['ALGORITHM', 'none'],
    ['ALGORITHM', 'HS512'],
    ['ALGORITHM', 'RS256'],
    ['ALGORITHM', 'hs256'],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '0'],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '43201'],
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
    ['LOG_LEVEL', 'verbose'],
    ['LOG_LEVEL', 'INFO'],
    ['APP_ENV', 'Production'],
    ['APP_ENV', 'test'],
  ])('%s refuses %s', (name, value) => {
    const settings = { SECRET_KEY: GOOD_SECRET, [name]: value };
    expect(refused(settings)).toEqual([name]);
  });

  const numbers = ['PORT', 'ACCESS_TOKEN_EXPIRE_MINUTES', 'PASSWORD_ROUNDS'];

  test.each(numbers)('%s takes decimal digits only', (name) => {
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

describe('a host without files', () => {
  const secret = { SECRET_KEY: GOOD_SECRET };
  const withoutD1 = { ...onWorkers, databaseUrl: undefined };

  test('its own database is used unless DATABASE_URL names a server', () => {
    expect(parse(secret, onWorkers).databaseUrl).toBe('d1:');
    for (const url of ['libsql://db.example', 'https://db.example', 'http://127.0.0.1:8080']) {
      expect(parse({ ...secret, DATABASE_URL: url }, onWorkers).databaseUrl).toBe(url);
      expect(parse({ ...secret, DATABASE_URL: url }, withoutD1).databaseUrl).toBe(url);
    }
  });

  test('a DATABASE_URL of a file is refused, on a laptop it is not', () => {
    for (const url of ['file:./a.db', 'file:///a.db', 'file::memory:']) {
      const settings = { ...secret, DATABASE_URL: url };
      expect(refused(settings, onWorkers)).toEqual(['DATABASE_URL']);
      expect(refused(settings, withoutD1)).toEqual(['DATABASE_URL']);
      expect(parse(settings, onLaptop).databaseUrl).toBe(url);
    }
  });

  test('without a database of its own DATABASE_URL must be set', () => {
    expect(refused(secret, withoutD1)).toEqual(['DATABASE_URL']);
    expect(refused({ ...secret, DATABASE_URL: '' }, withoutD1)).toEqual(['DATABASE_URL']);
    expect(refused({}, withoutD1).toSorted()).toEqual(['DATABASE_URL', 'SECRET_KEY']);
  });
});

describe('CORS_ORIGINS', () => {
  test.each([
    ['https://app.example.com', ['https://app.example.com']],
    ['http://localhost:8081', ['http://localhost:8081']],
    ['http://[::1]:8081', ['http://[::1]:8081']],
    ['https://xn--bcher-kva.example', ['https://xn--bcher-kva.example']],
    [' https://a.example , http://b.example:8080,', ['https://a.example', 'http://b.example:8080']],
    [',', []],
  ])('"%s" is taken', (text, expected) => {
    expect(parse({ CORS_ORIGINS: text }).corsOrigins).toEqual(expected);
    expect(parse({ ...production, CORS_ORIGINS: text }).corsOrigins).toEqual(expected);
  });

  test.each([
    '*',
    'null',
    'app.example.com',
    'localhost:8081',
    '//app.example.com',
    'https://',
    'https:app.example.com',
    'https://app.example.com/',
    'https://app.example.com/path',
    'https://app.example.com?',
    'https://app.example.com#top',
    'https://ada@app.example.com',
    'https://ada:hunter2@app.example.com',
    'https://app.example.com:443',
    'http://app.example.com:80',
    'https://App.example.com',
    'HTTPS://app.example.com',
    'https://bücher.example',
    'https://app.example.com:99999',
    'https://a.example https://b.example',
    'https://a.example;https://b.example',
    'ftp://app.example.com',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'capacitor://localhost',
    'https://a.example,*',
    'https://a.example,https://b.example/',
  ])('"%s" is refused', (text) => {
    expect(refused({ CORS_ORIGINS: text })).toEqual(['CORS_ORIGINS']);
  });

  test.each(['https://*.example.com', 'https://*', 'http://*:8081'])(
    'the pattern "%s", which could never match an origin, is refused',
    (text) => {
      expect(refused({ CORS_ORIGINS: text })).toEqual(['CORS_ORIGINS']);
    },
  );
});

describe('ConfigError', () => {
  const bad: Settings = {
    PORT: 'port-7f3a',
    HOST: `host-7f3a${'x'.repeat(250)}`,
    DATABASE_URL: 'mysql://root:hunter2@db.internal/users',
    DATABASE_AUTH_TOKEN: `token-7f3a${'x'.repeat(8192)}`,
    SECRET_KEY: `secret-7f3a${'x'.repeat(1024)}`,
    ALGORITHM: 'algorithm-7f3a',
    ACCESS_TOKEN_EXPIRE_MINUTES: 'minutes-7f3a',
    CORS_ORIGINS: 'https://good-7f3a.example,origin-7f3a',
    SEED_DEMO_USER: 'demo-7f3a',
    DEFAULT_PHONE_REGION: 'region-7f3a',
    PASSWORD_ROUNDS: 'rounds-7f3a',
    LOG_LEVEL: 'level-7f3a',
    APP_ENV: 'environment-7f3a',
  };

  /** Everything that a log, a terminal or an error report could show of an error. */
  const shown = (error: ConfigError): string =>
    [error.message, error.stack, ...error.problems, inspect(error), JSON.stringify(error)].join();

  test('every bad setting is named at once, a line each', () => {
    const error = errorOf(() => parse(bad));
    expect(new Set(error.problems.map(nameOf))).toEqual(new Set(SETTINGS));
    expect(error.message.split('\n').slice(1)).toEqual(error.problems.map((line) => `  ${line}`));
    expect(error.name).toBe('ConfigError');
  });

  test('no value is repeated, not even in part', () => {
    expect(shown(errorOf(() => parse(bad)))).not.toMatch(/7f3a|hunter2|mysql|root|db\.internal/);
  });

  test.each(Object.entries(bad))('%s alone is named and its value kept quiet', (name, value) => {
    const settings = { SECRET_KEY: GOOD_SECRET, [name]: value };
    const error = errorOf(() => parse(settings));
    expect(error.problems.map(nameOf)).toEqual([name]);
    expect(shown(error)).not.toContain('7f3a');
    expect(shown(error)).not.toContain('hunter2');
  });

  test('[S10] a secret that production refuses is not repeated', () => {
    for (const secret of ['7f3a-short', '7f3a'.repeat(20)]) {
      const error = errorOf(() => parse({ APP_ENV: 'production', SECRET_KEY: secret }));
      expect(shown(error)).not.toContain('7f3a');
    }
  });

  test('each problem says more than the name', () => {
    for (const problem of errorOf(() => parse(bad)).problems) {
      expect(problem).toMatch(/^[A-Z_]+: \S.{5,}/);
    }
  });
});

describe('production', () => {
  test('[S10] a good config is taken as it is', () => {
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
      secretKey: GOOD_SECRET,
      algorithm: 'HS256',
      issuer: 'latchkey',
      audience: 'latchkey',
      accessTokenLifetimeSeconds: 900,
      corsOrigins: ['https://app.example.com'],
      seedDemoUser: false,
      defaultPhoneRegion: 'IN',
      passwordRounds: 10,
      logLevel: 'warn',
    });
  });

  const secrets = (secret: string) => ({ ...production, SECRET_KEY: secret });

  test('[S10] without SECRET_KEY it is refused', () => {
    expect(refused({ APP_ENV: 'production' })).toEqual(['SECRET_KEY']);
    expect(refused(secrets(''))).toEqual(['SECRET_KEY']);
    expect(refused({}, onWorkers)).toEqual(['SECRET_KEY']);
    expect(refused({ NODE_ENV: 'staging' })).toEqual(['SECRET_KEY']);
  });

  test('[S10] a SECRET_KEY of 32 bytes is taken, of 31 refused', () => {
    const bytes32 = GOOD_SECRET.slice(0, 32);
    expect(parse(secrets(bytes32)).secretKey).toBe(bytes32);
    expect(refused(secrets(bytes32.slice(1)))).toEqual(['SECRET_KEY']);
  });

  test('[S10] the length of SECRET_KEY is counted in bytes, not in characters', () => {
    const twoBytesEach = 'àáâãäåæçèéêëìíîï';
    expect(parse(secrets(twoBytesEach)).secretKey).toBe(twoBytesEach);
    expect(refused(secrets(`${twoBytesEach.slice(1)}x`))).toEqual(['SECRET_KEY']);
    const fourBytesEach = '😀😁😂😃😄😅😆😇';
    expect(parse(secrets(fourBytesEach)).secretKey).toBe(fourBytesEach);
    expect(refused(secrets(fourBytesEach.slice(2)))).toEqual(['SECRET_KEY']);
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
  ])('[S10] the published SECRET_KEY %s is refused, in capitals and in spaces too', (secret) => {
    expect(refused(secrets(secret))).toEqual(['SECRET_KEY']);
    expect(refused(secrets(secret.toUpperCase()))).toEqual(['SECRET_KEY']);
    expect(refused(secrets(`  ${secret}\t`))).toEqual(['SECRET_KEY']);
    expect(parse({ SECRET_KEY: secret }).secretKey).toBe(secret);
  });

  test('[S10] a SECRET_KEY of eight distinct characters is taken, of seven refused', () => {
    expect(parse(secrets('abcdefgh'.repeat(8))).secretKey).toHaveLength(64);
    expect(refused(secrets('abcdefg'.repeat(10)))).toEqual(['SECRET_KEY']);
    expect(refused(secrets('x'.repeat(64)))).toEqual(['SECRET_KEY']);
    expect(refused(secrets(' '.repeat(64)))).toEqual(['SECRET_KEY']);
    expect(refused(secrets('😀'.repeat(16)))).toEqual(['SECRET_KEY']);
  });

  test('[S10] the demo user is refused when asked for', () => {
    for (const on of ['true', '1']) {
      expect(refused({ ...production, SEED_DEMO_USER: on })).toEqual(['SEED_DEMO_USER']);
    }
    for (const off of ['false', '0', '']) {
      expect(parse({ ...production, SEED_DEMO_USER: off }).seedDemoUser).toBe(false);
    }
  });

  test('[S10] fewer than six PASSWORD_ROUNDS are refused', () => {
    for (const rounds of ['1', '2', '3', '4', '5']) {
      expect(refused({ ...production, PASSWORD_ROUNDS: rounds })).toEqual(['PASSWORD_ROUNDS']);
    }
    for (const rounds of [6, 7, MAX_ROUNDS]) {
      expect(parse({ ...production, PASSWORD_ROUNDS: `${rounds}` }).passwordRounds).toBe(rounds);
    }
  });

  test.each(['05', '01', '000000005'])(
    '[S10] fewer than six PASSWORD_ROUNDS are refused when written %s',
    (rounds) => {
      expect(refused({ ...production, PASSWORD_ROUNDS: rounds })).toEqual(['PASSWORD_ROUNDS']);
    },
  );

  test('[S10] every open door is named at once', () => {
    const doors = { APP_ENV: 'production', SEED_DEMO_USER: '1', PASSWORD_ROUNDS: '1', PORT: 'x' };
    expect(new Set(refused(doors))).toEqual(
      new Set(['PORT', 'SECRET_KEY', 'SEED_DEMO_USER', 'PASSWORD_ROUNDS']),
    );
  });

  test('[S10] what production refuses is fine in development', () => {
    const laptop = { APP_ENV: 'development', SECRET_KEY: 'x', SEED_DEMO_USER: '1' };
    const config = parse({ ...laptop, PASSWORD_ROUNDS: '1' });
    expect(config).toMatchObject({ secretKey: 'x', seedDemoUser: true, passwordRounds: 1 });
  });
});

describe('describeSettings', () => {
  test('every setting has a line with its name and its purpose, and nothing else has', () => {
    const lines = describeSettings().split('\n');
    expect(lines.map((line) => line.trim().split(/ +/)[0])).toEqual(SETTINGS);
    for (const line of lines) expect(line).toMatch(/^ {2}[A-Z_]+ +[^ ].{10,}$/);
    expect(describeSettings()).not.toContain('undefined');
  });
});

describe('parseDatabaseConfig', () => {
  const parseDatabase = (record: Settings) => parseDatabaseConfig(record, 'file:./default.db');

  test('without settings the default is used', () => {
    const expected = { databaseUrl: 'file:./default.db', databaseAuthToken: undefined };
    expect(parseDatabase({})).toEqual(expected);
    expect(parseDatabase({ DATABASE_URL: '', DATABASE_AUTH_TOKEN: '' })).toEqual(expected);
  });

  test('the two settings of the database are read', () => {
    const record = { DATABASE_URL: 'libsql://db.example', DATABASE_AUTH_TOKEN: 'token' };
    expect(parseDatabase(record)).toEqual({
      databaseUrl: 'libsql://db.example',
      databaseAuthToken: 'token',
    });
  });

  test('other settings do not matter, though production would refuse them', () => {
    const others = { APP_ENV: 'production', PORT: 'x', PASSWORD_ROUNDS: '1', SEED_DEMO_USER: '1' };
    expect(parseDatabase(others)).toEqual(parseDatabase({}));
  });

  test('bad settings are named and not repeated', () => {
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
