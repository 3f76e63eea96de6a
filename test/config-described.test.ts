import { describe, expect, test } from 'vitest';
import { describeSettings } from '../src/config/describe-settings.ts';
import { onLaptop, parse, refused, SETTINGS } from './support/settings.ts';

const DATABASE = ['DATABASE_URL', 'DATABASE_AUTH_TOKEN', 'DATABASE_INSECURE'];
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
        ...['PORT', 'HOST', ...DATABASE, ...SECRETS, 'DEFAULT_PHONE_REGION'],
        ...['PROFILE_FIELDS', 'PROFILE_FIELDS_FILE'],
        ...['MAIL', 'MAIL_FROM', 'SMS', 'MESSAGE_WEBHOOK_SECRET', 'PUBLIC_URL', 'APP_LINKS'],
        ...['SMS_COUNTRIES', 'SMS_DAILY_LIMIT', 'NOTICES', 'PAGES', 'APP_ENV'],
      ],
    ],
  ] as const)('%s: one line for each setting that it reads, and nothing else', (reader, names) => {
    const lines = describeSettings(reader).split('\n');
    expect(lines.map((line) => line.trim().split(/ +/)[0])).toEqual(names);
    for (const line of lines) expect(line).toMatch(/^ {2}[A-Z0-9_]+ +[^ ].{10,}$/);
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
