import { describe, expect, test } from 'vitest';
import { agentName } from '../../src/features/pages/agent.ts';

const TEXTS = { browserOn: '{browser} on {system}', unknown: 'Unknown device' };
const KIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';

describe('agentName', () => {
  test.each([
    ['Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Windows'],
    ['Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0', 'Firefox on Android'],
    [`Mozilla/5.0 (X11; Linux x86_64) ${KIT} Chrome/141.0.0.0 Safari/537.36`, 'Chrome on Linux'],
    [`Mozilla/5.0 (X11; CrOS x86_64) ${KIT} Chrome/141.0.0.0 Safari/537.36`, 'Chrome on ChromeOS'],
    [
      `Mozilla/5.0 (Windows NT 10.0) ${KIT} Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0`,
      'Edge on Windows',
    ],
    [
      `Mozilla/5.0 (Linux; Android 10; K) ${KIT} Chrome/141.0.0.0 Mobile Safari/537.36 EdgA/141.0`,
      'Edge on Android',
    ],
    [
      `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${KIT} Chrome/141.0 Safari/537.36 OPR/120.0`,
      'Opera on macOS',
    ],
    [
      `Mozilla/5.0 (Linux; Android 10; K) ${KIT} SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36`,
      'Samsung Internet on Android',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
      'Safari on iOS',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0 Mobile/15E148 Safari/604.1',
      'Chrome on iOS',
    ],
    [
      'Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/140.0 Mobile/15E148 Safari/605.1.15',
      'Firefox on iPadOS',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
      'Safari on macOS',
    ],
  ])('%s is %s', (userAgent, expected) => {
    expect(agentName(userAgent, TEXTS)).toBe(expected);
  });

  test.each(['curl/8.5.0', 'okhttp/4.12.0', 'MyApp/1.0 (Windows) Firefox/1', 'Mozilla/5.0'])(
    '%s is not recognized, and stays as it is',
    (userAgent) => {
      expect(agentName(userAgent, TEXTS)).toBe(userAgent);
    },
  );

  test.each([null, '', '   '])('%j is an unknown device', (userAgent) => {
    expect(agentName(userAgent, TEXTS)).toBe('Unknown device');
  });

  test('shortens an unknown one, and splits no character', () => {
    expect(agentName('x'.repeat(61), TEXTS)).toBe(`${'x'.repeat(60)}…`);
    expect(agentName(`${'x'.repeat(59)}\u{1f600}${'y'.repeat(9)}`, TEXTS).isWellFormed()).toBe(
      true,
    );
  });
});
