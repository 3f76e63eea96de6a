import { isoTime } from '../../core/time.ts';

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
}

/** The parts of a profile that its owner may change. */
export interface ProfilePatch {
  readonly name?: string | null;
  readonly bio?: string;
}

/** A user as `POST /auth/signup` returns it. */
export const toSignedUpUser = ({ id, email, name, bio }: User) => ({ id, email, name, bio });

/** A user as `/profile/me` returns it. */
export const toProfile = (user: User) => ({
  id: user.id,
  email: user.email,
  name: user.name,
  bio: user.bio,
  phone: user.phone,
  email_verified: user.emailVerifiedAt !== null,
  phone_verified: user.phoneVerifiedAt !== null,
  created_at: isoTime(user.createdAt),
  updated_at: isoTime(user.updatedAt),
});

/** A user as the phone contract returns it. */
export const toPhoneUser = ({ id, name, email, phone }: User) => ({ id, name, email, phone });
