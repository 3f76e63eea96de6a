import { describe, expect, test } from 'vitest';
import { parse, production, refused } from './support/settings.ts';

describe('HIBP', () => {
  const url = (settings: Record<string, string>) => parse(settings).breachedPasswordsUrl;

  test('is off unless it is set to on, whatever HIBP_URL is', () => {
    expect(url({})).toBeUndefined();
    expect(url({ HIBP: 'off', HIBP_URL: 'https://mirror.example/' })).toBeUndefined();
    expect(url({ HIBP: 'on' })).toBe('https://api.pwnedpasswords.com/range/');
    expect(parse({ ...production, HIBP: 'on' }).breachedPasswordsUrl).toBe(url({ HIBP: 'on' }));
  });

  test.each([
    'https://mirror.example/',
    'https://mirror.example:8443/pwned/range/',
    'http://127.0.0.1:8080/range/',
    'http://localhost/range/',
    'http://[::1]:8080/',
  ])('HIBP_URL accepts %s', (text) => {
    expect(url({ HIBP: 'on', HIBP_URL: text })).toBe(text);
  });

  test.each([
    'https://mirror.example',
    'https://mirror.example/range',
    'https://mirror.example/range/?mode=ntlm',
    'https://mirror.example/?a=/',
    'https://mirror.example/#/',
    'https://ada:hunter2@mirror.example/range/',
    'http://mirror.example/range/',
    'http://127.0.0.1.evil.example/range/',
    'http://localhost@evil.example/',
    'ftp://mirror.example/range/',
    'mirror.example/range/',
    `https://mirror.example/${'x'.repeat(2048)}/`,
  ])('HIBP_URL rejects %s', (text) => {
    expect(refused({ HIBP_URL: text })).toEqual(['HIBP_URL']);
  });
});
