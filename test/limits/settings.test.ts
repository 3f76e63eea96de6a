import { describe, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { DEFAULT_LIMITS, parse, refused } from '../support/settings.ts';

describe('the settings of limits', () => {
  const accepted: [string, string, Partial<Config>][] = [
    [
      'RATE_LIMIT_LOGIN',
      '5/2m',
      {
        rateLimits: {
          ...DEFAULT_LIMITS,
          login: { count: 5, seconds: 120 },
          loginByAddress: { count: 30, seconds: 120 },
        },
      },
    ],
    [
      'RATE_LIMIT_LOGIN',
      'off',
      { rateLimits: { ...DEFAULT_LIMITS, login: null, loginByAddress: null } },
    ],
    [
      'RATE_LIMIT_LOGIN_ADDRESS',
      'off',
      { rateLimits: { ...DEFAULT_LIMITS, loginByAddress: null } },
    ],
    [
      'RATE_LIMIT_SIGNUP',
      '9999999/24h',
      { rateLimits: { ...DEFAULT_LIMITS, signup: { count: 9_999_999, seconds: 86_400 } } },
    ],
    ['RATE_LIMIT_REFRESH', 'off', { rateLimits: { ...DEFAULT_LIMITS, refresh: null } }],
    ['RATE_LIMIT_DEFAULT', 'off', { rateLimits: { ...DEFAULT_LIMITS, anything: null } }],
  ];

  test.each(accepted)('%s accepts %s', (name, value, expected) => {
    expect(parse({ [name]: value })).toEqual({ ...parse({}), ...expected });
  });

  test.each([
    ['RATE_LIMIT_LOGIN', '10'],
    ['RATE_LIMIT_LOGIN', '0/60s'],
    ['RATE_LIMIT_LOGIN', '10/0s'],
    ['RATE_LIMIT_LOGIN', '10/60'],
    ['RATE_LIMIT_LOGIN', '10/1d'],
    ['RATE_LIMIT_LOGIN', '-1/60s'],
    ['RATE_LIMIT_LOGIN', '1e3/60s'],
    ['RATE_LIMIT_LOGIN', '10/25h'],
    ['RATE_LIMIT_SIGNUP', '99999999/1h'],
    ['RATE_LIMIT_REFRESH', 'OFF'],
    ['RATE_LIMIT_DEFAULT', '10 / 60s'],
  ])('%s rejects %s', (name, value) => {
    expect(refused({ [name]: value })).toEqual([name]);
  });
});
