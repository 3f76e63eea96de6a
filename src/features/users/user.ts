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
}

/** The parts of a profile that its owner may change. */
export interface ProfilePatch {
  readonly name?: string | null;
  readonly bio?: string;
}

/** A user as `POST /auth/signup` returns it. */
export const toSignedUpUser = ({ id, email, name, bio }: User) => ({ id, email, name, bio });

/** A user as `/profile/me` returns it. */
export const toProfile = ({ id, email, name, bio, phone, createdAt, updatedAt }: User) => ({
  id,
  email,
  name,
  bio,
  phone,
  created_at: isoTime(createdAt),
  updated_at: isoTime(updatedAt),
});

/** A user as the phone contract returns it. */
export const toPhoneUser = ({ id, name, email, phone }: User) => ({ id, name, email, phone });
