import type { Config } from '../../config/config.ts';
import { AppError } from '../../core/errors.ts';
import { eventsAt } from '../audit/event.ts';
import type { CodeRequests, Requester } from '../codes/requests.ts';
import type { CodeStore } from '../codes/store.ts';
import type { Presented, UsedCodes } from '../codes/used.ts';
import { LIFETIME_MS } from '../messages/lifetimes.ts';
import type { Messages } from '../messages/service.ts';
import type { GatedPasswordHasher } from '../passwords/gate.ts';
import type { PasswordPolicy } from '../passwords/policy.ts';
import { otherKind } from '../users/statements.ts';
import { typedName } from '../users/typed-name.ts';
import { addressOf } from '../users/user.ts';
import { createRecoveryStore, type RecoveryStoreParts } from './store.ts';

export interface RecoveryService {
  /** Sends a link and a code that reset the password, if the name has an account. @throws AppError `messages_off` */
  forgot(username: string, requester: Requester): Promise<void>;
  /**
   * Sets a new password. Checks the code before the policy, and the policy before it hashes: a rejected password does
   * not use the code up.
   *
   * @throws AppError `invalid_code` or `weak_password`
   */
  reset(presented: Presented, newPassword: string, requester: Requester): Promise<void>;
}

export interface RecoveryParts extends RecoveryStoreParts {
  readonly config: Pick<Config, 'defaultPhoneRegion'>;
  readonly codes: CodeStore;
  readonly codeRequests: CodeRequests;
  readonly usedCodes: UsedCodes;
  readonly messages: Pick<Messages, 'canSend' | 'prepare' | 'kick'>;
  readonly passwords: GatedPasswordHasher;
  readonly passwordPolicy: PasswordPolicy;
}

/** How long the notice of a reset is worth sending. */
const NOTICE_MS = LIFETIME_MS.verify;

export function createRecoveryService(parts: RecoveryParts): RecoveryService {
  const { config, clock, codes, codeRequests, usedCodes, messages, passwords } = parts;
  const store = createRecoveryStore(parts);
  const eventOf = eventsAt(clock);

  return {
    async forgot(username, requester) {
      const name = typedName(username, config.defaultPhoneRegion);
      const { channel } = name;
      codeRequests.requireSender(channel);
      const network = requester.caller.network ?? '';
      const found = await codes.findRecipient(name.identifier, network);
      // An unverified address recovers an account only if the account has no verified one.
      const isProof = !found || found.isVerified || !found.hasVerified;
      await codeRequests.send(
        {
          ...name.recipient(found?.user),
          ...(isProof
            ? { kind: 'reset', purpose: 'reset', link: 'reset' }
            : { kind: 'release', purpose: 'release' }),
          // Somebody else may have entered an address that is not verified.
          release: found && !found.isVerified ? 'shown' : 'hidden',
          code: isProof && found?.acceptsCodes !== false ? 'shown' : 'hidden',
          isOwner: found?.isKnownNetwork ?? false,
          isVerified: found?.isVerified ?? false,
        },
        requester,
      );
    },

    async reset(presented, newPassword, { caller, locale, later }) {
      const found = await usedCodes.find('reset', presented, caller);
      const { user, channel, address } = found;
      await parts.passwordPolicy.check(newPassword, user, '#/new_password', caller.trace);
      const passwordHash = await passwords.hash(newPassword, caller.address);
      const to = channel === 'email' ? (user.email ?? address) : address;
      const recipient = {
        userId: user.id,
        expiresAt: clock() + NOTICE_MS,
        trace: caller.trace,
      };
      const notice = await messages.prepare({ kind: 'reset_done', channel, to, locale }, recipient);
      // The owner may read the other address only, also if it is dropped.
      const other = addressOf(user, otherKind(channel), config.defaultPhoneRegion);
      const otherNotice =
        other && messages.canSend(other.channel)
          ? await messages.prepare(
              { kind: 'reset_done', channel: other.channel, to: other.to, locale },
              recipient,
            )
          : undefined;
      const event = eventOf(caller, null, 'password_reset');
      const notices = otherNotice ? [notice, otherNotice] : [notice];
      if (!(await store.reset({ found, passwordHash, locale, event, notices }))) {
        throw new AppError('invalid_code');
      }
      messages.kick(later);
    },
  };
}
