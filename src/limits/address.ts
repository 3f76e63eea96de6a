const IPV4_MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/;
const GROUPS = 8;
/** A /64: what a provider gives to one customer at least (RFC 6177). Its owner may use any address in it. */
const NETWORK_GROUPS = 4;

/**
 * What counts as one caller: an IPv4 address, or the /64 network of an IPv6 one. The same for every
 * spelling of an address.
 */
export function networkOf(address: string): string {
  const text = (address.split('%')[0] ?? '').toLowerCase();
  const mapped = IPV4_MAPPED.exec(text)?.[1];
  if (mapped !== undefined) return mapped;
  if (!text.includes(':')) return text;
  const [head = '', tail] = text.split('::');
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const zeros = Math.max(0, GROUPS - left.length - right.length);
  return [...left, ...Array<string>(zeros).fill('0'), ...right].slice(0, NETWORK_GROUPS).join(':');
}

/** The groups of a part, without leading zeros. An IPv4 tail stands for two; its digits do not matter here. */
const groupsOf = (part: string): string[] =>
  part
    .split(':')
    .filter((group) => group !== '')
    .flatMap((group) => (group.includes('.') ? ['v4', 'v4'] : [group.replace(/^0+(?=.)/, '')]));
