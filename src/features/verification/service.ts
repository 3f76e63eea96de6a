import type { Config } from '../../config/config.ts';
import type { Caller } from '../../core/caller.ts';
import { AppError } from '../../core/errors.ts';
import { eventsAt } from '../audit/event.ts';
import type { CodeRequests, Requester } from '../codes/requests.ts';
import type { Presented, UsedCodes } from '../codes/used.ts';
import type { Channel } from '../messages/message.ts';
import type { SessionUser } from '../sessions/guards.ts';
import type { SessionStore } from '../sessions/store.ts';
import { addressOf, isVerified, type User } from '../users/user.ts';
import type { VerificationStore } from './store.ts';

export interface VerificationService {
  /**
   * Sends a link and a code to an address of the user of a session.
   *
   * @throws AppError `no_address`, `already_verified`, `messages_off`, or `invalid_token` if the session has ended
   */
  request(by: SessionUser, channel: Channel, requester: Requester): Promise<void>;
  /** Verifies an address by the token of a link. @throws AppError `invalid_code` */
  confirmByLink(token: string, caller: Caller): Promise<void>;
  /** Verifies an address of a user who is logged in, by a code. @throws AppError `invalid_code` */
  confirmByCode(user: User, channel: Channel, code: string, caller: Caller): Promise<void>;
}

export interface VerificationParts {
  readonly config: Pick<Config, 'defaultPhoneRegion'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly codeRequests: CodeRequests;
  readonly usedCodes: UsedCodes;
  readonly sessions: Pick<SessionStore, 'isLoggedInBy'>;
  readonly verifications: VerificationStore;
}

export function createVerificationService(parts: VerificationParts): VerificationService {
  const { config, clock, codeRequests, usedCodes, sessions, verifications } = parts;
  const { defaultPhoneRegion: region } = config;
  const eventOf = eventsAt(clock);

  async function confirm(presented: Presented, actorId: number | null, caller: Caller) {
    const found = await usedCodes.find('verify', presented, caller);
    const event = eventOf(caller, actorId, 'address_verify', {
      detail: { channel: found.channel },
    });
    if (!(await verifications.verify(found, event))) throw new AppError('invalid_code');
  }

  return {
    async request({ user, sessionId }, channel, requester) {
      const address = addressOf(user, channel, region);
      if (!address) throw new AppError('no_address');
      if (isVerified(user, channel)) throw new AppError('already_verified');
      codeRequests.requireSender(channel);
      const isSent = await codeRequests.send(
        {
          ...address,
          userId: user.id,
          kind: 'verify',
          purpose: 'verify',
          link: 'verify',
          code: 'shown',
          hasRelease: true,
          isOwner: true,
          isAllowed: sessions.isLoggedInBy(sessionId),
        },
        requester,
      );
      if (!isSent) throw new AppError('invalid_token');
    },

    confirmByLink: (token, caller) => confirm({ token }, null, caller),

    async confirmByCode(user, channel, code, caller) {
      const owner = { userId: user.id, address: addressOf(user, channel, region)?.address ?? '' };
      await confirm({ owner, code }, user.id, caller);
    },
  };
}
