import type { Config } from '../../config/config.ts';
import type { Caller } from '../../core/caller.ts';
import type { Condition } from '../../core/db/change.ts';
import { AppError } from '../../core/errors.ts';
import { eventsAt } from '../audit/event.ts';
import { type CodeHashes, newToken } from '../codes/code.ts';
import type { CodeRequests, Requester } from '../codes/requests.ts';
import type { NewCode } from '../codes/statements.ts';
import type { FoundCode } from '../codes/store.ts';
import type { Presented, UsedCodes } from '../codes/used.ts';
import { LIFETIME_MS } from '../messages/lifetimes.ts';
import type { Channel } from '../messages/message.ts';
import type { Messages } from '../messages/service.ts';
import { newAddress } from '../users/new-address.ts';
import { otherKind } from '../users/statements.ts';
import { addressOf, isVerified, type User } from '../users/user.ts';
import type { AddressStore, Situation } from './store.ts';

export interface AddressService {
  /**
   * Sends a message to a new address.
   *
   * @param requires must hold for the row of `users`: that the session of the caller is live and fresh
   * @throws AppError `validation_failed` or `messages_off`
   */
  request(
    user: User,
    channel: Channel,
    entered: string,
    requester: Requester,
    requires: Condition,
  ): Promise<void>;
  /** Changes an address by the link or code of the message. @throws AppError `invalid_code`, or that it is taken */
  confirm(presented: Presented, channel: Channel, requester: Requester): Promise<void>;
  /** The same by a code, for a user who is logged in. */
  confirmByCode(user: User, code: string, requester: Requester, requires: Condition): Promise<void>;
  /**
   * Restores a replaced address, removes an added one, or releases one that an account has entered without verifying
   * it. Ends all access to the account and removes its password.
   *
   * @throws AppError `invalid_code`
   */
  undo(token: string, channel: Channel, caller: Caller): Promise<void>;
}

export interface AddressParts {
  readonly config: Pick<Config, 'defaultPhoneRegion'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly codeHashes: CodeHashes;
  readonly codeRequests: CodeRequests;
  readonly usedCodes: UsedCodes;
  readonly messages: Pick<Messages, 'canSend' | 'prepare' | 'kick'>;
  readonly addresses: AddressStore;
}

export function createAddressService(parts: AddressParts): AddressService {
  const { config, clock, codeHashes, codeRequests, usedCodes, messages, addresses } = parts;
  const eventOf = eventsAt(clock);

  /** The address that a change replaces, and the link that restores it if it is verified. */
  function replacedBy(found: FoundCode, { current, isCurrentVerified }: Situation) {
    const { user, channel, address } = found;
    if (current === null || current === address) return undefined;
    const entered = (channel === 'email' ? user.email : user.phone) ?? current;
    const to = channel === 'email' ? entered : current;
    const expiresAt = clock() + LIFETIME_MS.undo;
    if (!isCurrentVerified) return { to, expiresAt, token: undefined, undo: undefined };
    const token = newToken();
    const [hash] = codeHashes.ofLink('undo', token);
    const undo: NewCode = {
      ...{ hash, userId: user.id, purpose: 'undo', kind: 'link' },
      ...{ channel, address: current, entered, expiresAt },
    };
    return { to, expiresAt, token, undo };
  }

  /** The notice to the other address. If no link restores the replaced one, its link removes the new one. */
  async function otherNotice(
    found: FoundCode,
    { isCurrentVerified, current }: Situation,
    { locale, caller }: Requester,
  ) {
    const { user, address, entered } = found;
    const other = addressOf(user, otherKind(found.channel), config.defaultPhoneRegion);
    if (current === address || !other || !messages.canSend(other.channel)) return undefined;
    const { channel, to } = other;
    const expiresAt = clock() + LIFETIME_MS.undo;
    const token = isVerified(user, channel) && !isCurrentVerified ? newToken() : undefined;
    const notice = await messages.prepare(
      { kind: 'added', channel, to, locale, undo: token },
      { userId: user.id, expiresAt, trace: caller.trace },
    );
    if (token === undefined) return { notice, removal: undefined };
    const [hash] = codeHashes.ofLink('remove', token);
    const removal: NewCode = {
      ...{ hash, userId: user.id, purpose: 'remove', kind: 'link' },
      ...{ channel: found.channel, address, entered, expiresAt },
    };
    return { notice, removal };
  }

  async function change(found: FoundCode, requester: Requester): Promise<void> {
    const { caller, locale, later } = requester;
    const { user, channel } = found;
    const situation = await addresses.situationOf(found);
    const replaced = replacedBy(found, situation);
    const notice =
      replaced && messages.canSend(channel)
        ? await messages.prepare(
            { kind: 'changed', channel, to: replaced.to, locale, undo: replaced.token },
            { userId: user.id, expiresAt: replaced.expiresAt, trace: caller.trace },
          )
        : undefined;
    const detail = { channel };
    const isChanged = await addresses.change({
      found,
      situation,
      event: eventOf(caller, user.id, 'address_change', { detail }),
      loss: eventOf(caller, null, 'address_release', { detail }),
      undo: replaced?.undo,
      notice,
      other: await otherNotice(found, situation, requester),
    });
    if (!isChanged) throw new AppError('invalid_code');
    messages.kick(later);
  }

  return {
    async request(user, channel, entered, requester, requires) {
      const { normalized: address } = newAddress(channel, entered, config.defaultPhoneRegion);
      codeRequests.requireSender(channel);
      const isEmail = channel === 'email';
      await codeRequests.send(
        {
          kind: 'change',
          purpose: 'change',
          channel,
          userId: user.id,
          to: isEmail ? entered : address,
          address,
          entered,
          isOwner: true,
          isOwnAddress: false,
          requires,
          ...(isEmail ? { link: 'change' } : { code: 'shown' }),
          release: 'shown',
        },
        requester,
      );
    },

    async confirm(presented, channel, requester) {
      const found = await usedCodes.find('change', presented, requester.caller);
      if (found.channel !== channel) throw new AppError('invalid_code');
      await change(found, requester);
    },

    async confirmByCode(user, code, requester, requires) {
      const found = await usedCodes.findPending('change', user.id, code, requester.caller);
      await change({ ...found, requires }, requester);
    },

    async undo(token, channel, caller) {
      const found = await usedCodes.findLink(['undo', 'remove', 'release'], token);
      // The link that removes an address is in a message to the other one.
      if (found.purpose !== 'remove' && found.channel !== channel) {
        throw new AppError('invalid_code');
      }
      const action = found.purpose === 'release' ? 'address_release' : 'address_undo';
      const event = eventOf(caller, null, action, { detail: { channel: found.channel } });
      const isDone = await (found.purpose === 'undo'
        ? addresses.undo(found, event)
        : found.purpose === 'remove'
          ? addresses.remove(found, event)
          : addresses.release(found, event));
      if (!isDone) throw new AppError('invalid_code');
    },
  };
}
