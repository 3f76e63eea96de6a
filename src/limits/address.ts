const ANY_IPV4_MAPPED = /^(?:0:){5}ffff:/;
const GROUPS = 8;
/** A /64: what a provider gives to one customer at least (RFC 6177). Its owner may use any address in it. */
const NETWORK_GROUPS = 4;
/** A /48: what a provider gives to one site at most (RFC 6177). */
const SITE_GROUPS = 3;

/**
 * What counts as one caller: an IPv4 address, or the /64 network of an IPv6 one. The same for every
 * spelling of an address.
 */
export const networkOf = (address: string): string => prefixOf(address, NETWORK_GROUPS);

/** The same with the /48 of an IPv6 address. */
export const siteOf = (address: string): string => prefixOf(address, SITE_GROUPS);

/** A network of {@link networkOf} as a person reads it: `203.0.113.7`, `2001:db8:0:1::/64`. */
export const formatNetwork = (network: string): string =>
  network.includes(':') ? `${network}::/64` : network;

function prefixOf(address: string, length: number): string {
  if (!address.includes(':')) return address;
  const text = (address.split('%')[0] ?? '').toLowerCase();
  const [head = '', tail] = text.split('::');
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const zeros = Math.max(0, GROUPS - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right];
  if (ANY_IPV4_MAPPED.test(groups.join(':'))) return toIpv4(groups.slice(-2));
  return groups.slice(0, length).join(':');
}

/** Two groups of IPv6 as an IPv4 address (RFC 4291 section 2.5.5). */
const toIpv4 = (groups: readonly string[]): string =>
  groups
    .flatMap((group) => {
      const bits = Number.parseInt(group, 16);
      return [bits >> 8, bits & 0xff];
    })
    .join('.');

/** The groups of a part, without leading zeros. An IPv4 tail stands for two. */
const groupsOf = (part: string): string[] =>
  part
    .split(':')
    .filter((group) => group !== '')
    .flatMap((group) => (group.includes('.') ? fromIpv4(group) : [group.replace(/^0+(?=.)/, '')]));

function fromIpv4(text: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return [(a << 8) | b, (c << 8) | d].map((bits) => bits.toString(16));
}
