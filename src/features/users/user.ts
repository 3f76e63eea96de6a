import { type Identifier, normalizeEmail, normalizePhone } from './identifier.ts';
import type { FieldsPatch } from './own-fields.ts';

/** An account, without its password hash. */
export interface User {
  readonly id: number;
  readonly email: string | null;
  readonly phone: string | null;
  readonly name: string | null;
  readonly bio: string;
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
  /** When the account has proved that it reads this address; null if it has not. Milliseconds since 1970. */
  readonly emailVerifiedAt: number | null;
  readonly phoneVerifiedAt: number | null;
  /** Names its picture; null if it has none. */
  readonly avatarKey: string | null;
  /** The language of the user and of notices, a BCP 47 tag; null for English. */
  readonly locale: string | null;
  /** An IANA time zone. */
  readonly timeZone: string | null;
  /** JSON object of the values of `PROFILE_FIELDS`; null if there are none. */
  readonly fields: string | null;
}

/** An address of an account, as messages and codes need it. */
export interface Address {
  readonly channel: Identifier['kind'];
  /** Where messages go: an email address as its user entered it, or a phone number in E.164. */
  readonly to: string;
  /** Normalized. */
  readonly address: string;
  /** As the user entered it. */
  readonly entered: string;
}

/** @param region ISO 3166 country of phone numbers without a country code */
export function addressOf(
  { email, phone }: Pick<User, 'email' | 'phone'>,
  channel: Identifier['kind'],
  region: string,
): Address | undefined {
  const entered = channel === 'email' ? email : phone;
  if (entered === null) return undefined;
  const address = channel === 'email' ? normalizeEmail(entered) : normalizePhone(entered, region);
  if (address === undefined) return undefined;
  return { channel, to: channel === 'email' ? entered : address, address, entered };
}

export const hasVerifiedAddress = (user: User): boolean =>
  isVerified(user, 'email') || isVerified(user, 'phone');

/** True if the account has verified its address of a kind. */
export const isVerified = (user: User, channel: Identifier['kind']): boolean =>
  (channel === 'email' ? user.emailVerifiedAt : user.phoneVerifiedAt) !== null;

/** The parts of a profile that its owner may change. */
export interface ProfilePatch {
  readonly name?: string | null;
  readonly bio?: string;
  readonly locale?: string | null;
  readonly timeZone?: string | null;
  readonly fields?: FieldsPatch;
}

/** What clients may patch, in the names of the API. */
export interface ProfileInput {
  readonly name?: string | null | undefined;
  readonly bio?: string | null | undefined;
  readonly locale?: string | null | undefined;
  readonly time_zone?: string | null | undefined;
  readonly fields?: FieldsPatch | undefined;
}

/** RFC 7396: null clears a member. A cleared biography is empty, as in a new account. An empty object changes nothing. */
export const mergePatchOf = ({
  name,
  bio,
  locale,
  time_zone: timeZone,
  fields,
}: ProfileInput): ProfilePatch => ({
  ...(name !== undefined && { name }),
  ...(bio !== undefined && { bio: bio ?? '' }),
  ...(locale !== undefined && { locale }),
  ...(timeZone !== undefined && { timeZone }),
  ...(fields !== undefined && (fields === null || Object.keys(fields).length > 0) && { fields }),
});

const API_NAMES: Readonly<Record<string, string>> = {
  timeZone: 'time_zone',
  avatarKey: 'avatar_url',
};

/** The name of a member of a patch, as the API and the audit log have it. */
export const apiName = (member: string): string => API_NAMES[member] ?? member;

/** A user as `POST /auth/signup` returns it. */
export const toSignedUpUser = ({ id, email, name, bio }: User) => ({ id, email, name, bio });

/** A user as the phone contract returns it. */
export const toPhoneUser = ({ id, name, email, phone }: User) => ({ id, name, email, phone });
