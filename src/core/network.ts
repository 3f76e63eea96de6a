const ANY_IPV4_MAPPED = /^(?:0:){5}ffff:/;
const GROUPS = 8;
/**
 * A /64, the smallest block that a provider assigns to a customer (RFC 6177). The customer may use any address in it.
 */
const NETWORK_GROUPS = 4;
/** A /48: the largest block that a provider usually assigns to one site. */
const SITE_GROUPS = 3;

/** A network whose callers are counted together. Networks of different sizes never have the same key. */
export interface Network {
  readonly key: string;
  /** The factor by which its quota is larger than the quota of one caller. */
  readonly share: 1 | 4 | 16;
}

/**
 * Returns the network that counts as one caller: an IPv4 address, or the /64 of an IPv6 address. All spellings of an
 * address have the same result.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const groups = expand(address);
  return mappedIpv4(groups) ?? networkOfGroups(groups);
}

/**
 * Returns the networks of an address, narrowest first. An IPv4 address is one network. An IPv6 address also counts for
 * its /56, with the quota of 4 callers, and for its /48, with the quota of 16: providers assign a site anything from a
 * /64 to a /48 (RFC 6177), and a /48 holds 65,536 /64s.
 */
export function networksOf(address: string): readonly [Network, ...Network[]] {
  if (!address.includes(':')) return [{ key: address, share: 1 }];
  const groups = expand(address);
  const ipv4 = mappedIpv4(groups);
  if (ipv4 !== undefined) return [{ key: ipv4, share: 1 }];
  const site = groups.slice(0, SITE_GROUPS).join(':');
  const subnet = Number.parseInt(groups[SITE_GROUPS] ?? '', 16) & 0xff00;
  return [
    { key: networkOfGroups(groups), share: 1 },
    { key: `${site}:${subnet.toString(16)}/56`, share: 4 },
    { key: `${site}/48`, share: 16 },
  ];
}

/** Returns the key of the widest network of an address: its /48, or the IPv4 address itself. */
export function siteOf(address: string): string {
  // Called for each body and each password, so it does not create the list for an IPv4 address.
  if (!address.includes(':')) return address;
  const networks = networksOf(address);
  return (networks.at(-1) ?? networks[0]).key;
}

/** Formats a result of {@link networkOf} for display: `203.0.113.7`, `2001:db8:0:1::/64`. */
export const formatNetwork = (network: string): string =>
  network.includes(':') ? `${network}::/64` : network;

/** Returns the eight groups of an IPv6 address in any spelling, without leading zeros. */
function expand(address: string): string[] {
  const text = (address.split('%')[0] ?? '').toLowerCase();
  const [head = '', tail] = text.split('::');
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const zeros = Math.max(0, GROUPS - left.length - right.length);
  return [...left, ...Array<string>(zeros).fill('0'), ...right];
}

const networkOfGroups = (groups: readonly string[]): string =>
  groups.slice(0, NETWORK_GROUPS).join(':');

const mappedIpv4 = (groups: readonly string[]): string | undefined =>
  ANY_IPV4_MAPPED.test(groups.join(':')) ? toIpv4(groups.slice(-2)) : undefined;

/** Returns the IPv4 address in two IPv6 groups (RFC 4291 section 2.5.5). */
const toIpv4 = (groups: readonly string[]): string =>
  groups
    .flatMap((group) => {
      const bits = Number.parseInt(group, 16);
      return [bits >> 8, bits & 0xff];
    })
    .join('.');

/** Returns the groups on one side of `::`, without leading zeros. An IPv4 suffix counts as two groups. */
const groupsOf = (part: string): string[] =>
  part
    .split(':')
    .filter((group) => group !== '')
    .flatMap((group) => (group.includes('.') ? fromIpv4(group) : [group.replace(/^0+(?=.)/, '')]));

function fromIpv4(text: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return [(a << 8) | b, (c << 8) | d].map((bits) => bits.toString(16));
}
