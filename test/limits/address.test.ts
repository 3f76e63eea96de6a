import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { networkOf } from '../../src/limits/address.ts';

describe('[S12] the network of an address', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2'],
    ['2001:db8:1:2::', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['::', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['1::2:3:4:5:6:7', '1:0:2:3'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0'],
  ])('%s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  test('all addresses of one /64, in any spelling, are one caller; those of another are not', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    const groups = (length: number) => fc.array(group, { minLength: length, maxLength: length });
    const spell = (all: number[], wide: boolean) =>
      all
        .map((n) => (wide ? n.toString(16).padStart(4, '0').toUpperCase() : n.toString(16)))
        .join(':');
    fc.assert(
      fc.property(groups(4), groups(4), groups(4), fc.boolean(), (network, one, other, wide) => {
        const address = spell([...network, ...one], wide);
        expect(networkOf(address)).toBe(networkOf(spell([...network, ...other], !wide)));
        const next = [...network.slice(0, 3), ((network[3] ?? 0) + 1) % 0x10000];
        expect(networkOf(spell([...next, ...one], wide))).not.toBe(networkOf(address));
      }),
    );
  });

  test('any text at all gives a text and no error', () => {
    fc.assert(fc.property(fc.string(), (text) => void networkOf(text).length));
  });
});
