import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { networkOf, networksOf, siteOf } from '../../src/core/network.ts';

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
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  test('all addresses of one /64, in any spelling, count as one caller; those of another /64 do not', () => {
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

  test('any text yields a text and no error', () => {
    fc.assert(fc.property(fc.string(), (text) => void networkOf(text).length));
  });
});

describe('[S47] the networks of an address', () => {
  test.each([
    ['203.0.113.7', [['203.0.113.7', 1]]],
    ['::ffff:203.0.113.7', [['203.0.113.7', 1]]],
    ['', [['', 1]]],
    [
      '2001:DB8:1:2fe::9',
      [
        ['2001:db8:1:2fe', 1],
        ['2001:db8:1:200/56', 4],
        ['2001:db8:1/48', 16],
      ],
    ],
    [
      '2001:db8::1',
      [
        ['2001:db8:0:0', 1],
        ['2001:db8:0:0/56', 4],
        ['2001:db8:0/48', 16],
      ],
    ],
  ])('of %s are %j', (address, networks) => {
    expect(networksOf(address).map(({ key, share }) => [key, share])).toEqual(networks);
    expect(siteOf(address)).toBe(networks.at(-1)?.[0]);
  });

  test('two addresses share exactly the networks whose bits they have in common', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    const groups = fc.array(group, { minLength: 8, maxLength: 8 });
    const bit = fc.integer({ min: 0, max: 127 });
    // Outside of ::/16, which contains the IPv4 addresses.
    fc.assert(
      fc.property(groups, bit, ([first = 0, ...rest], position) => {
        const one = [first | 0x2000, ...rest];
        const other = one.map((value, i) =>
          i === position >> 4 ? value ^ (0x8000 >> (position & 15)) : value,
        );
        const [a, b] = [one, other].map((all) =>
          networksOf(all.map((value) => value.toString(16)).join(':')),
        );
        const shared = a?.filter(({ key }) => b?.some((network) => network.key === key));
        const expected = [position >= 64 && 1, position >= 56 && 4, position >= 48 && 16];
        expect(shared?.map(({ share }) => share)).toEqual(expected.filter(Boolean));
        expect(a?.[0]?.key).toBe(networkOf(one.map((value) => value.toString(16)).join(':')));
      }),
    );
  });

  test('any text yields networks and no error', () => {
    fc.assert(fc.property(fc.string(), (text) => void siteOf(text).length));
  });
});
