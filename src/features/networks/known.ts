import { type SQL, sql } from 'drizzle-orm';
import { knownNetworks } from '../../core/db/account-schema.ts';
import type { Condition } from '../../core/db/change.ts';
import { users } from '../../core/db/schema.ts';

/** How long a network stays known after a login. */
export const NETWORK_KNOWN_MS = 90 * 86_400_000;

/** True if an account has logged in from a network within {@link NETWORK_KNOWN_MS}. Its mere use does not count. */
export const isNetworkOf = (
  userId: number | typeof users.id,
  network: string,
  now: number,
): Condition =>
  sql`exists (select 1 from ${knownNetworks} where ${knownNetworks.userId} = ${userId} and ${knownNetworks.network} = ${network} and ${knownNetworks.lastLoginAt} > ${now - NETWORK_KNOWN_MS})`;

/** The same for the account in the `users` row. */
export const isKnownNetwork = (network: string, now: number): Condition =>
  isNetworkOf(users.id, network, now);

/** The same for the account that has an identifier. Placeholders: `network`, `knownSince`, `identifier`. */
export const isNetworkOfAccount: SQL = sql`exists (select 1 from ${knownNetworks} where ${knownNetworks.network} = ${sql.placeholder('network')} and ${knownNetworks.lastLoginAt} > ${sql.placeholder('knownSince')} and ${knownNetworks.userId} in (select ${users.id} from ${users} where ${users.emailNormalized} = ${sql.placeholder('identifier')} and ${users.disabledAt} is null union all select ${users.id} from ${users} where ${users.phoneNormalized} = ${sql.placeholder('identifier')} and ${users.disabledAt} is null))`;
