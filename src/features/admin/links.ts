import type { CodeHashes } from '../codes/code.ts';
import { CHANNELS } from '../messages/message.ts';
import { type Address, addressOf, hasVerifiedAddress, isVerified } from '../users/user.ts';
import type { Account } from './account.ts';

/** The addresses that can set a new password, the preferred first: an unverified one if none is verified. */
export const recoveryAddresses = (account: Account, region: string): readonly Address[] =>
  CHANNELS.filter(
    (channel) => isVerified(account, channel) || !hasVerifiedAddress(account),
  ).flatMap((channel) => addressOf(account, channel, region) ?? []);

/** The row of a link that sets a new password, without its account. @param expiresAt milliseconds since 1970 */
export const passwordLink = (
  codeHashes: Pick<CodeHashes, 'ofLink'>,
  token: string,
  { channel, address, entered }: Address,
  expiresAt: number,
) => {
  const [hash] = codeHashes.ofLink('reset', token);
  return { hash, purpose: 'reset', kind: 'link', channel, address, entered, expiresAt } as const;
};
