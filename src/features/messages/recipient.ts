/** One address, and nothing that a header field or a provider could read as more than that. */
const MAIL_ADDRESS = /^([^\s\p{Cc}<>,;]{1,64})@([^\s\p{Cc}<>,;:@/\\?#[\]%]{1,255})$/u;
const ASCII = /^[\x20-\x7e]+$/;
const E164 = /^\+[1-9]\d{6,14}$/;

/**
 * Returns an address as it is given to senders: with the domain in ASCII (RFC 5890). The local part stays as it is, since
 * mail servers know it in no other form (RFC 6531).
 *
 * @returns `undefined` if it is not exactly one address
 */
export function mailAddressOf(text: string): string | undefined {
  const [, local, domain] = MAIL_ADDRESS.exec(text) ?? [];
  if (local === undefined || domain === undefined) return undefined;
  if (ASCII.test(domain)) return `${local}@${domain}`;
  const url = `http://${domain}`;
  return URL.canParse(url) ? `${local}@${new URL(url).hostname}` : undefined;
}

export const isPhone = (text: string): boolean => E164.test(text);

/** True for a text that fits into a header field. */
export const isOneLine = (text: string): boolean => !/\p{Cc}/u.test(text);
