import type { Config } from '../../config/config.ts';
import type { Condition } from '../../core/db/change.ts';
import { AppError } from '../../core/errors.ts';
import { eventsAt } from '../audit/event.ts';
import type { CodeRequests, Requester } from '../codes/requests.ts';
import type { Presented, UsedCodes } from '../codes/used.ts';
import type { Channel } from '../messages/message.ts';
import type { Messages } from '../messages/service.ts';
import type { FirstAdmin } from '../roles/first-admin.ts';
import { addressOf, isVerified, type User } from '../users/user.ts';
import type { VerificationStore } from './store.ts';

export interface VerificationService {
  /**
   * Sends a link and a code to an address of the user.
   *
   * @param requires must hold for the row of `users`: that the session of the caller is live
   * @throws AppError `no_address`, `already_verified` or `messages_off`
   */
  request(user: User, channel: Channel, requester: Requester, requires?: Condition): Promise<void>;
  /** Verifies an address by the token of a link. @throws AppError `invalid_code` */
  confirmByLink(token: string, requester: Requester): Promise<void>;
  /** Verifies an address of a user who is logged in, by a code. @throws AppError `invalid_code` */
  confirmByCode(
    user: User,
    channel: Channel,
    code: string,
    requester: Requester,
    requires: Condition,
  ): Promise<void>;
}

export interface VerificationParts {
  readonly config: Pick<Config, 'defaultPhoneRegion'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly codeRequests: CodeRequests;
  readonly usedCodes: UsedCodes;
  readonly firstAdmin: Pick<FirstAdmin, 'isNamed'>;
  readonly messages: Pick<Messages, 'kick'>;
  readonly verifications: VerificationStore;
}

export function createVerificationService(parts: VerificationParts): VerificationService {
  const { config, clock, codeRequests, firstAdmin, messages, usedCodes, verifications } = parts;
  const { defaultPhoneRegion: region } = config;
  const eventOf = eventsAt(clock);

  async function confirm(
    presented: Presented,
    actorId: number | null,
    { caller, locale, later }: Requester,
    requires?: Condition,
  ) {
    const found = { ...(await usedCodes.find('verify', presented, caller)), requires };
    const event = eventOf(caller, actorId, 'address_verify', {
      detail: { channel: found.channel },
    });
    if (!(await verifications.verify(found, event, locale))) throw new AppError('invalid_code');
    // The first administrator gets a notice.
    if (firstAdmin.isNamed(found.address)) messages.kick(later);
  }

  return {
    async request(user, channel, requester, requires) {
      const address = addressOf(user, channel, region);
      if (!address) throw new AppError('no_address');
      if (isVerified(user, channel)) throw new AppError('already_verified');
      codeRequests.requireSender(channel);
      await codeRequests.send(
        {
          ...address,
          userId: user.id,
          kind: 'verify',
          purpose: 'verify',
          link: 'verify',
          // Only a user who is logged in can enter a code.
          code: requires ? 'shown' : 'hidden',
          release: 'shown',
          isOwner: true,
          ...(requires && { requires }),
        },
        requester,
      );
    },

    confirmByLink: (token, requester) => confirm({ token }, null, requester),

    async confirmByCode(user, channel, code, requester, requires) {
      const owner = { userId: user.id, address: addressOf(user, channel, region)?.address ?? '' };
      await confirm({ owner, code }, user.id, requester, requires);
    },
  };
}
