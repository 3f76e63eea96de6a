import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPortableMac } from '../../src/core/crypto/derived-key.ts';
import { createNativeMac } from '../../src/runtime/ports/native-mac.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** RFC 4231, test cases 1, 2, 6 and 7 of HMAC-SHA-256, whose data is text. */
const VECTORS: readonly (readonly [key: Uint8Array, text: string, hex: string])[] = [
  [
    new Uint8Array(20).fill(0x0b),
    'Hi There',
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  ],
  [
    ascii('Jefe'),
    'what do ya want for nothing?',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  [
    new Uint8Array(131).fill(0xaa),
    'Test Using Larger Than Block-Size Key - Hash Key First',
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
  [
    new Uint8Array(131).fill(0xaa),
    'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.',
    '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
  ],
];

describe.each([
  ['portable', createPortableMac],
  ['native', createNativeMac],
])('the %s MAC', (_, createMac) => {
  test.each(VECTORS)('matches RFC 4231 (%#)', (key, text, hex) => {
    expect(createMac(key)(text)).toBe(Buffer.from(hex, 'hex').toString('base64url'));
  });

  test('equals that of Web Crypto for any key and texts', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 150 }),
        fc.array(text, { minLength: 1, maxLength: 4 }),
        async (key, texts) => {
          const mac = createMac(key);
          const algorithm = { name: 'HMAC', hash: 'SHA-256' };
          const bytes = Uint8Array.from(key);
          const imported = await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign']);
          for (const one of texts) {
            const data = new TextEncoder().encode(one);
            const expected = Buffer.from(await crypto.subtle.sign('HMAC', imported, data));
            expect(mac(one)).toBe(expected.toString('base64url'));
          }
        },
      ),
    );
  });
});

test('both MACs encode a lone surrogate alike', () => {
  const key = ascii('key');
  expect(createNativeMac(key)('\ud800')).toBe(createPortableMac(key)('\ud800'));
});
