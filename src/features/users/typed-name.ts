import { foldCase, type Identifier, parseIdentifier } from './identifier.ts';
import type { User } from './user.ts';

/** A name as somebody typed it, whether or not it has an account. */
export interface TypedName {
  readonly channel: Identifier['kind'];
  /** For a name that cannot be an address, one that no account has. */
  readonly identifier: Identifier;
  /** Where a message for it goes: to the stored address, or for an unknown name to the typed one, as a decoy. */
  recipient(user: User | undefined): {
    readonly channel: Identifier['kind'];
    readonly userId: number | undefined;
    readonly to: string;
    readonly address: string;
    readonly entered: string;
  };
}

/** @param region ISO 3166 country of phone numbers without a country code */
export function typedName(username: string, region: string): TypedName {
  const identifier = parseIdentifier(username, region) ?? {
    kind: username.includes('@') ? 'email' : 'phone',
    // No valid address contains a comma.
    normalized: `${foldCase(username).replaceAll(' ', '')},`,
  };
  const { kind: channel, normalized: address } = identifier;
  return {
    channel,
    identifier,
    recipient(user) {
      const entered = (channel === 'email' ? user?.email : user?.phone) ?? address;
      // A typed name may differ from the stored one and still find it: the message goes to the stored one.
      const to = channel === 'email' ? entered : address;
      return { channel, userId: user?.id, to, address, entered };
    },
  };
}
