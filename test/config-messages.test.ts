import { describe, expect, test } from 'vitest';
import { parse, production, refused, type Settings } from './support/settings.ts';

const FROM = { MAIL_FROM: 'Example <no-reply@example.com>' };
const PUBLIC = { PUBLIC_URL: 'https://accounts.example.com' };
const WEBHOOK_SECRET = { MESSAGE_WEBHOOK_SECRET: `whsec_${'bXkgc2VjcmV0'.repeat(4)}` };

const messagesOf = (settings: Settings) => parse(settings).messages;

describe('MAIL', () => {
  test.each([
    ['console', { kind: 'console' }],
    ['smtp://localhost:1025', { kind: 'smtp', url: 'smtp://localhost:1025' }],
    [
      'smtps://u%40x:p@mail.example.com:465',
      { kind: 'smtp', url: 'smtps://u%40x:p@mail.example.com:465' },
    ],
    ['smtp://[::1]:25', { kind: 'smtp', url: 'smtp://[::1]:25' }],
    ['resend:re_12345678_Key', { kind: 'resend', key: 're_12345678_Key' }],
  ])('accepts %s', (MAIL, expected) => {
    expect(messagesOf({ ...FROM, MAIL }).mail).toEqual(expected);
  });

  test.each(['webhook:https://hooks.example.com/mail?x=1', 'webhook:http://127.0.0.1:9000/mail'])(
    'accepts %s with a secret',
    (MAIL) => {
      const { mail } = messagesOf({ ...FROM, ...WEBHOOK_SECRET, MAIL });
      expect(mail).toEqual({ kind: 'webhook', url: MAIL.slice('webhook:'.length) });
    },
  );

  test.each([
    'mail.example.com',
    'smtp://',
    'smtp://u:p@host name',
    'imap://mail.example.com',
    'resend:',
    'resend:short',
    'webhook:',
    'webhook:http://hooks.example.com/mail',
    'webhook:ftp://hooks.example.com',
    'Console',
  ])('rejects %s', (MAIL) => {
    expect(refused({ ...FROM, ...WEBHOOK_SECRET, MAIL })).toEqual(['MAIL']);
  });

  test('requires a sender for every provider', () => {
    expect(refused({ MAIL: 'smtp://localhost' })).toEqual(['MAIL_FROM']);
    expect(refused({ MAIL: 'webhook:https://hooks.example.com' })).toEqual([
      'MAIL_FROM',
      'MESSAGE_WEBHOOK_SECRET',
    ]);
    expect(refused({ SMS: 'webhook:https://hooks.example.com' })).toEqual([
      'MESSAGE_WEBHOOK_SECRET',
    ]);
  });
});

test.each(['smtp://localhost', 'resend:re_12345678'])('SMS rejects %s', (SMS) => {
  expect(refused({ SMS })).toEqual(['SMS']);
});

test.each(['no-reply@example.com', 'Bücher <a@xn--bcher-kva.example>'])(
  'MAIL_FROM takes %s',
  (MAIL_FROM) => {
    expect(messagesOf({ MAIL_FROM }).mailFrom).toBe(MAIL_FROM);
  },
);

test.each([
  'nobody',
  'A <a@example.com>\r\nBcc: b@example.com',
  'a@example.com, b@example.com',
  'A <a@example.com> <b@example.com>',
  '"A" <a@example.com>',
])('MAIL_FROM rejects %j', (MAIL_FROM) => {
  expect(refused({ MAIL_FROM })).toEqual(['MAIL_FROM']);
});

describe('production', () => {
  test('sends nothing by default, and nothing to the console', () => {
    expect(messagesOf(production)).toMatchObject({ mail: undefined, sms: undefined });
    expect(refused({ ...production, MAIL: 'console' })).toEqual(['MAIL']);
    expect(refused({ ...production, SMS: 'console' })).toEqual(['SMS']);
  });

  test('needs to know where links lead', () => {
    const settings = { ...production, ...FROM, MAIL: 'smtp://localhost' };
    expect(refused(settings)).toEqual(['PUBLIC_URL']);
    expect(refused({ ...settings, APP_LINKS: '{"reset":"https://a.example/{token}"}' })).toEqual([
      'PUBLIC_URL',
    ]);
    expect(messagesOf({ ...settings, ...PUBLIC }).publicUrl).toBe(PUBLIC.PUBLIC_URL);
    const all = ['verify', 'reset', 'login', 'change', 'undo'];
    const links = Object.fromEntries(all.map((action) => [action, `myapp://${action}/{token}`]));
    expect(messagesOf({ ...settings, APP_LINKS: JSON.stringify(links) }).appLinks).toEqual(links);
  });
});

test.each([
  ['https://accounts.example.com/', 'https://accounts.example.com'],
  ['https://example.com/accounts', 'https://example.com/accounts'],
  ['http://localhost:8000', 'http://localhost:8000'],
])('PUBLIC_URL takes %s', (PUBLIC_URL, expected) => {
  expect(messagesOf({ PUBLIC_URL }).publicUrl).toBe(expected);
});

test.each(['http://example.com', 'https://example.com?x', 'example.com', 'https://u@example.com'])(
  'PUBLIC_URL rejects %s',
  (PUBLIC_URL) => {
    expect(refused({ PUBLIC_URL })).toEqual(['PUBLIC_URL']);
  },
);

test.each([
  '{"reset":"https://app.example.com/reset"}',
  '{"reset":"http://app.example.com/{token}"}',
  '{"reset":"javascript:alert({token})"}',
  '{"reset":"data:text/html,{token}"}',
  '{"sign-up":"https://app.example.com/{token}"}',
  '{"reset":1}',
  '["https://app.example.com/{token}"]',
  '{"reset":',
])('APP_LINKS rejects %s', (APP_LINKS) => {
  expect(refused({ APP_LINKS })).toEqual(['APP_LINKS']);
});

test('SMS_COUNTRIES takes a list', () => {
  expect(messagesOf({ SMS_COUNTRIES: 'IN, LK' }).smsCountries).toEqual(['IN', 'LK']);
  expect(refused({ SMS_COUNTRIES: 'IN,XX' }).map(String)).toEqual(['SMS_COUNTRIES']);
});
