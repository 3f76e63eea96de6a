import type { Config } from '../../config/config.ts';
import type { Caller } from '../../core/caller.ts';
import { AppError } from '../../core/errors.ts';
import type { Meter } from '../../core/metrics/meter.ts';
import { eventsAt } from '../audit/event.ts';
import type { DeviceToken, DeviceTokens } from '../devices/token.ts';
import type { SessionStore } from '../sessions/store.ts';
import type { Proof } from '../sign-in/proof.ts';
import type { Reauthenticate } from '../sign-in/reauthentication.ts';
import { type Login, loginOf, type SignIn } from '../sign-in/service.ts';
import { typedName } from '../users/typed-name.ts';
import { addressOf, type User } from '../users/user.ts';
import type { Purpose } from './code.ts';
import type { CodeRequests, Requester } from './requests.ts';
import type { CodeStore, FoundCode } from './store.ts';
import type { Presented, UsedCodes } from './used.ts';

export interface CodeService {
  /** Sends a link and a code that log in, if an account has verified the address. @throws AppError `messages_off` */
  requestLogin(username: string, requester: Requester): Promise<void>;
  /**
   * @param deviceToken that of the last login on this device
   * @throws AppError `invalid_code`
   */
  logIn(
    presented: Presented,
    deviceToken: string | null | undefined,
    caller: Caller,
  ): Promise<Login>;
  /** Sends a code to a verified address of the user. @throws AppError `no_address` or `messages_off` */
  requestReauthentication(user: User, requester: Requester): Promise<void>;
  readonly reauthenticate: Reauthenticate;
}

export interface CodeParts {
  readonly config: Pick<Config, 'defaultPhoneRegion'>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly meter: Meter;
  readonly codes: CodeStore;
  readonly codeRequests: CodeRequests;
  readonly usedCodes: UsedCodes;
  readonly deviceTokens: Pick<DeviceTokens, 'read'>;
  readonly sessions: Pick<SessionStore, 'findLive'>;
  readonly signIn: SignIn;
}

export function createCodeService(parts: CodeParts): CodeService {
  const { config, clock, meter, codes, codeRequests, usedCodes, deviceTokens, sessions, signIn } =
    parts;
  const eventOf = eventsAt(clock);

  /** A proof that uses up a link or code, and the others of its purpose once a session has started. */
  const proofOf = (
    found: FoundCode,
    action: 'login' | 'reauthenticate',
    device: DeviceToken | undefined,
    caller: Caller,
  ): Proof => ({
    user: found.user,
    newLogin: { locale: found.locale },
    method: 'code',
    device,
    claims: [codes.claim(found)],
    event: () => eventOf(caller, found.user.id, action, { detail: { method: 'code' } }),
    consequences: (_, isStarted) => [
      codes.end(found.user.id, isStarted, { purposes: [found.purpose] }),
    ],
  });

  return {
    async requestLogin(username, requester) {
      const name = typedName(username, config.defaultPhoneRegion);
      codeRequests.requireSender(name.channel);
      const network = requester.caller.network ?? '';
      const found = await codes.findRecipient(name.identifier, network);
      const purpose: Purpose = 'login';
      await codeRequests.send(
        {
          ...name.recipient(found?.isVerified ? found.user : undefined),
          kind: purpose,
          purpose,
          link: 'login',
          code: found?.acceptsCodes === false ? 'hidden' : 'shown',
          isOwner: found?.isKnownNetwork ?? false,
          isVerified: found?.isVerified ?? false,
        },
        requester,
      );
    },

    async logIn(presented, deviceToken, caller) {
      try {
        const found = await usedCodes.find('login', presented, caller);
        const device = deviceTokens.read(deviceToken);
        const proof = proofOf(found, 'login', device, caller);
        return loginOf(await signIn.signIn(proof, caller), 'invalid_code');
      } catch (error) {
        if (error instanceof AppError && error.code === 'invalid_code') {
          meter.count('latchkey_log_ins_total', { method: 'code', outcome: 'failure' });
        }
        throw error;
      }
    },

    async requestReauthentication(user, requester) {
      const address = verifiedAddress(user);
      if (!address) throw new AppError('no_address');
      codeRequests.requireSender(address.channel);
      const purpose: Purpose = 'reauthenticate';
      const request = { ...address, userId: user.id, kind: purpose, purpose };
      await codeRequests.send(
        { ...request, code: 'shown', isOwner: true, isVerified: true },
        requester,
      );
    },

    async reauthenticate({ user, sessionId }, { secret: code, deviceToken }, caller) {
      const owner = { userId: user.id, address: verifiedAddress(user)?.address ?? '' };
      const found = await usedCodes.find('reauthenticate', { owner, code }, caller);
      const proof = proofOf(found, 'reauthenticate', deviceTokens.read(deviceToken), caller);
      const login = await signIn.reauthenticate(sessionId, proof, caller);
      if (login) return login;
      const isLive = (await sessions.findLive(sessionId, user.id)) !== undefined;
      throw new AppError(isLive ? 'invalid_code' : 'invalid_token');
    },
  };

  /** The address that codes for a user who is logged in go to: email if it is verified, else the phone. */
  function verifiedAddress(user: User) {
    const { emailVerifiedAt, phoneVerifiedAt } = user;
    const region = config.defaultPhoneRegion;
    if (emailVerifiedAt !== null) return addressOf(user, 'email', region);
    return phoneVerifiedAt === null ? undefined : addressOf(user, 'phone', region);
  }
}
