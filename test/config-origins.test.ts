import { describe, expect, test } from 'vitest';
import { parse, production, refused } from './support/settings.ts';

describe('CORS_ORIGINS', () => {
  test.each([
    ['https://app.example.com', ['https://app.example.com']],
    ['http://localhost:8081', ['http://localhost:8081']],
    ['http://[::1]:8081', ['http://[::1]:8081']],
    ['https://xn--bcher-kva.example', ['https://xn--bcher-kva.example']],
    [' https://a.example , http://b.example:8080,', ['https://a.example', 'http://b.example:8080']],
    [',', []],
  ])('"%s" is accepted', (text, expected) => {
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
  ])('"%s" is rejected', (text) => {
    expect(refused({ CORS_ORIGINS: text })).toEqual(['CORS_ORIGINS']);
  });

  test.each(['https://*.example.com', 'https://*', 'http://*:8081'])(
    'the pattern "%s", which could never match an origin, is rejected',
    (text) => {
      expect(refused({ CORS_ORIGINS: text })).toEqual(['CORS_ORIGINS']);
    },
  );
});
