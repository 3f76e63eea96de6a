import { type SQL, sql } from 'drizzle-orm';
import { knownNetworks } from '../../core/db/account-schema.ts';
import { users } from '../../core/db/schema.ts';

/** How long a network stays known after a login. */
export const NETWORK_KNOWN_MS = 90 * 86_400_000;

/** True if the account in the `users` row has logged in from a network within {@link NETWORK_KNOWN_MS}. */
export const isKnownNetwork = (network: string, now: number): SQL =>
  sql`exists (select 1 from ${knownNetworks} where ${knownNetworks.userId} = ${users.id} and ${knownNetworks.network} = ${network} and ${knownNetworks.lastLoginAt} > ${now - NETWORK_KNOWN_MS})`;

/** The same for the account that has an identifier. Placeholders: `network`, `knownSince`, `identifier`. */
export const isNetworkOfAccount: SQL = sql`exists (select 1 from ${knownNetworks} where ${knownNetworks.network} = ${sql.placeholder('network')} and ${knownNetworks.lastLoginAt} > ${sql.placeholder('knownSince')} and ${knownNetworks.userId} in (select ${users.id} from ${users} where ${users.emailNormalized} = ${sql.placeholder('identifier')} and ${users.disabledAt} is null union all select ${users.id} from ${users} where ${users.phoneNormalized} = ${sql.placeholder('identifier')} and ${users.disabledAt} is null))`;
