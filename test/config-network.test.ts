import { describe, expect, test } from 'vitest';
import { onLaptop, parse, production, refused } from './support/settings.ts';

const LOOPBACK = ['127.0.0.1', '127.0.0.53', '127.255.255.254', '::1', 'localhost', 'LocalHost'];
const NETWORK = [
  ...['0.0.0.0', '::', '192.168.1.20', '10.0.0.1', '128.0.0.1', '::2', 'fe80::1', '12.7.0.0'],
  ...['my-laptop.local', 'localhost.example', '127.0.0.1.example', '::ffff:127.0.0.1', '127.1'],
];

describe('[S50] the demo user, whose password is public', () => {
  const demoUser = (settings: Record<string, string>) => {
    const { seedDemoUser, isDemoUserLeftOut } = parse(settings);
    return { seedDemoUser, isDemoUserLeftOut };
  };

  test.each(LOOPBACK)('is created on %s, which no other machine can reach', (HOST) => {
    expect(demoUser({ HOST })).toEqual({ seedDemoUser: true, isDemoUserLeftOut: false });
  });

  test.each(NETWORK)('is not created on %s, unless a setting requests it', (HOST) => {
    expect(demoUser({ HOST })).toEqual({ seedDemoUser: false, isDemoUserLeftOut: true });
    const asked = { seedDemoUser: true, isDemoUserLeftOut: false };
    expect(demoUser({ HOST, APP_ENV: 'development' })).toEqual(asked);
    // NODE_ENV does not request the demo user, because many shells export it for other reasons.
    const leftOut = { seedDemoUser: false, isDemoUserLeftOut: true };
    expect(demoUser({ HOST, NODE_ENV: 'development' })).toEqual(leftOut);
    expect(demoUser({ HOST, SEED_DEMO_USER: 'true' })).toEqual(asked);
    // `isDemoUserLeftOut` leads to a log message, which an explicit setting does not need.
    const off = { seedDemoUser: false, isDemoUserLeftOut: false };
    expect(demoUser({ HOST, SEED_DEMO_USER: 'false' })).toEqual(off);
    expect(demoUser({ HOST, APP_ENV: 'development', SEED_DEMO_USER: 'false' })).toEqual(off);
    expect(demoUser({ ...production, HOST })).toEqual(off);
  });

  test('HOST changes nothing else, so a phone needs no other setting', () => {
    const open = parse({ HOST: '0.0.0.0' });
    const { host, seedDemoUser, isDemoUserLeftOut, ...rest } = parse({});
    expect(open).toEqual({
      host: '0.0.0.0',
      seedDemoUser: false,
      isDemoUserLeftOut: true,
      ...rest,
    });
    expect([host, seedDemoUser, isDemoUserLeftOut]).toEqual(['127.0.0.1', true, false]);
  });
});

describe('[S10] a secret in a file', () => {
  const files: Record<string, string> = {
    '/run/secrets/key': 'lKq8dP2mZsX5vB9nYt3wRf7jHc1gTa6e',
    '/run/secrets/old': 'Zx4cV7bN1mQ9wE2rT5yU8iO3pA6sD0fG',
    '/weak': 'changeme-changeme-changeme-changeme',
    '/empty': '',
    '/long': 'x'.repeat(1025),
  };
  const defaults = {
    ...onLaptop,
    readSecretFile: (path: string) => {
      const secret = files[path];
      return secret === undefined ? { fault: 'the file cannot be read' } : { secret };
    },
  };
  const inProduction = (settings: Record<string, string>) => ({
    APP_ENV: 'production',
    ...settings,
  });

  test('SECRET_KEY_FILE and SECRET_KEY_PREVIOUS_FILE provide the secrets', () => {
    const settings = inProduction({
      SECRET_KEY_FILE: '/run/secrets/key',
      SECRET_KEY_PREVIOUS_FILE: '/run/secrets/old',
    });
    expect(parse(settings, defaults)).toMatchObject({
      secretKeys: [files['/run/secrets/key'], files['/run/secrets/old']],
      secretFiles: ['/run/secrets/key', '/run/secrets/old'],
    });
  });

  test('[S10] METRICS_TOKEN is as strong as a secret, another one, and fits into a header', () => {
    const token = files['/run/secrets/old'] ?? '';
    const settings = { ...production, METRICS_TOKEN_FILE: '/run/secrets/old' };
    expect(parse(settings, defaults)).toMatchObject({
      metricsToken: token,
      secretFiles: ['/run/secrets/old'],
    });
    for (const weak of ['short', 'a'.repeat(40), production.SECRET_KEY, `${token} a`]) {
      expect(refused({ ...production, METRICS_TOKEN: weak })).toEqual(['METRICS_TOKEN']);
    }
    const previous = { ...production, SECRET_KEY_PREVIOUS: token };
    expect(refused({ ...previous, METRICS_TOKEN: token })).toEqual(['METRICS_TOKEN']);
    expect(parse({ METRICS_TOKEN: 'short' }).metricsToken).toBe('short');
  });

  test('is rejected together with the secret itself, and both settings are named', () => {
    for (const name of ['SECRET_KEY', 'SECRET_KEY_PREVIOUS', 'METRICS_TOKEN']) {
      const twice = { ...production, [name]: production.SECRET_KEY, [`${name}_FILE`]: '/weak' };
      expect(() => parse(twice, defaults)).toThrow(
        `${name}_FILE: must not be set together with ${name}`,
      );
    }
    // An empty value counts as unset.
    const settings = inProduction({ SECRET_KEY: '', SECRET_KEY_FILE: '/run/secrets/key' });
    expect(parse(settings, defaults).secretKeys).toEqual([files['/run/secrets/key']]);
  });

  test.each(['/nowhere', '/empty', '/long', '/weak'])(
    '%s is rejected with the name of its setting',
    (path) => {
      const settings = inProduction({ SECRET_KEY_FILE: path });
      expect(refused(settings, defaults)).toEqual(['SECRET_KEY_FILE']);
      const previous = { ...production, SECRET_KEY_PREVIOUS_FILE: path };
      expect(refused(previous, defaults)).toEqual(['SECRET_KEY_PREVIOUS_FILE']);
      const metrics = { ...production, METRICS_TOKEN_FILE: path };
      expect(refused(metrics, defaults)).toEqual(['METRICS_TOKEN_FILE']);
      expect(() => parse(settings, defaults)).not.toThrow(/changeme|\/nowhere/);
    },
  );

  test('is rejected on a host without files, such as Workers', () => {
    const settings = inProduction({ SECRET_KEY_FILE: '/run/secrets/key' });
    expect(() => parse(settings, onLaptop)).toThrow(
      'SECRET_KEY_FILE: this host has no files; set SECRET_KEY instead',
    );
  });
});
