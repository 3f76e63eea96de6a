import type { Config } from '../../config/config.ts';
import { urlOf } from '../../core/loopback.ts';
import { isoTime } from '../../core/time.ts';
import { createOwnFields } from './own-fields.ts';
import type { User } from './user.ts';

/** A user as `/profile/me` returns it. */
export type Profile = ReturnType<ReturnType<typeof createProfileView>>;

/**
 * Returns a user as `/profile/me` returns it.
 *
 * @param requestUrl without `PUBLIC_URL`, pictures are at the origin of this URL; if it is omitted too, on this machine
 */
export type ProfileView = (user: User, requestUrl?: string) => Profile;

export function createProfileView({
  messages: { publicUrl },
  host,
  port,
  profileFields,
}: Pick<Config, 'messages' | 'host' | 'port' | 'profileFields'>) {
  const ownFields = createOwnFields(profileFields);
  const baseOf = (requestUrl: string | undefined): string =>
    publicUrl ?? (requestUrl === undefined ? urlOf(host, port) : new URL(requestUrl).origin);

  return (user: User, requestUrl?: string) => ({
    id: user.id,
    email: user.email,
    name: user.name,
    bio: user.bio,
    phone: user.phone,
    email_verified: user.emailVerifiedAt !== null,
    phone_verified: user.phoneVerifiedAt !== null,
    avatar_url: user.avatarKey === null ? null : `${baseOf(requestUrl)}/avatars/${user.avatarKey}`,
    locale: user.locale,
    time_zone: user.timeZone,
    fields: ownFields.shown(user.fields),
    created_at: isoTime(user.createdAt),
    updated_at: isoTime(user.updatedAt),
  });
}
