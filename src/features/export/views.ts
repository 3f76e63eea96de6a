import { z } from 'zod';
import { formatNetwork } from '../../core/network.ts';
import { isoTime, isoTimeOrNull } from '../../core/time.ts';
import { toEventView } from '../activity/view.ts';
import { valuesIn } from '../users/own-fields.ts';
import type { Profile } from '../users/profile.ts';
import type { AccountExport } from './schemas.ts';
import type { ExportStore } from './store.ts';

type Account = NonNullable<Awaited<ReturnType<ExportStore['account']>>>;
type RowOf<Name extends Exclude<keyof ExportStore, 'begin' | 'account' | 'avatar'>> = Awaited<
  ReturnType<ExportStore[Name]>
>[number];
type ItemOf<Name extends keyof AccountExport> = AccountExport[Name] extends readonly (infer Item)[]
  ? Item
  : never;

const rolesSchema = z.array(z.object({ role: z.string(), grantedAt: z.number() }));

const networkOrNull = (network: string | null): string | null =>
  network === null ? null : formatNetwork(network);

const failures = (count: number, since: number | null, lockedUntil: number | null = null) => ({
  count,
  since: isoTimeOrNull(since),
  locked_until: isoTimeOrNull(lockedUntil),
});

/** @param now milliseconds since 1970 */
export const toAccount = (
  account: Account,
  profile: Profile,
  now: number,
): Pick<AccountExport, 'exported_at' | 'profile' | 'account'> => ({
  exported_at: isoTime(now),
  profile,
  account: {
    email_normalized: account.emailNormalized,
    email_verified_at: isoTimeOrNull(account.emailVerifiedAt),
    phone_normalized: account.phoneNormalized,
    phone_verified_at: isoTimeOrNull(account.phoneVerifiedAt),
    has_password: account.hasPassword !== 0,
    language: account.locale,
    stored_fields: valuesIn(account.fields),
    roles: rolesSchema
      .parse(JSON.parse(account.roles))
      .map(({ role, grantedAt }) => ({ role, granted_at: isoTime(grantedAt) })),
    version: account.version,
    logins_from_unknown_networks: failures(
      account.failedLogins,
      account.failingSince,
      account.lockedUntil,
    ),
    logins_from_known_networks: failures(account.knownFailures, account.knownFailingSince),
    password_changes: failures(account.changeFailures, account.changeFailingSince),
    codes: failures(account.codeFailures, account.codeFailingSince, account.codesLockedUntil),
    session_codes: failures(
      account.sessionCodeFailures,
      account.sessionCodeFailingSince,
      account.sessionCodesLockedUntil,
    ),
  },
});

export const toAvatar = (
  { size, createdAt }: NonNullable<Awaited<ReturnType<ExportStore['avatar']>>>,
  url: string,
): Omit<NonNullable<AccountExport['avatar']>, 'data'> => ({
  url,
  size,
  created_at: isoTime(createdAt),
});

export const toSession = (session: RowOf<'sessions'>): ItemOf<'sessions'> => ({
  id: session.id,
  created_at: isoTime(session.createdAt),
  last_used_at: isoTime(session.lastUsedAt),
  expires_at: isoTime(session.expiresAt),
  authenticated_at: isoTime(session.authTime),
  refreshed_at: isoTime(session.rotatedAt),
  refreshes: session.refreshCount,
  method: session.method,
  user_agent: session.userAgent,
  address: session.address,
  last_network: networkOrNull(session.lastNetwork),
});

export const toDevice = (device: RowOf<'devices'>): ItemOf<'devices'> => ({
  id: device.id,
  created_at: isoTime(device.createdAt),
  last_used_at: isoTime(device.lastUsedAt),
  expires_at: isoTime(device.expiresAt),
  user_agent: device.userAgent,
  address: device.address,
  failures: device.failures,
});

export const toNetwork = (known: RowOf<'networks'>): ItemOf<'known_networks'> => ({
  network: formatNetwork(known.network),
  last_seen_at: isoTime(known.lastSeenAt),
  last_login_at: isoTimeOrNull(known.lastLoginAt),
});

export const toReservedAddress = (
  reserved: RowOf<'reservedAddresses'>,
): ItemOf<'reserved_addresses'> => ({
  channel: reserved.channel,
  address: reserved.entered,
  normalized: reserved.address,
  verified_at: isoTime(reserved.verifiedAt),
  reserved_until: isoTime(reserved.reservedUntil),
});

export const toCode = (code: RowOf<'codes'>): ItemOf<'pending_codes'> => ({
  purpose: code.purpose,
  kind: code.kind,
  channel: code.channel,
  address: code.entered,
  tries: code.tries,
  created_at: isoTime(code.createdAt),
  expires_at: isoTime(code.expiresAt),
});

export const toMessage = (message: RowOf<'messages'>): ItemOf<'messages'> => ({
  kind: message.kind,
  channel: message.channel,
  state: message.state,
  attempts: message.attempts,
  created_at: isoTime(message.createdAt),
  expires_at: isoTime(message.expiresAt),
});

export const toNotice = (notice: RowOf<'notices'>): ItemOf<'notices'> => ({
  kind: notice.kind,
  sent_at: isoTime(notice.sentAt),
});

export const toLoginFailures = (failure: RowOf<'loginFailures'>): ItemOf<'login_failures'> => ({
  network: formatNetwork(failure.network),
  failures: failure.failures,
  failing_since: isoTime(failure.failingSince),
  locked_until: isoTimeOrNull(failure.lockedUntil),
});

export const toImport = (imported: RowOf<'imports'>): ItemOf<'imports'> => ({
  source: imported.source,
  source_id: imported.sourceId,
  imported_at: isoTime(imported.importedAt),
});

export const toEvent = (event: RowOf<'events'>): ItemOf<'events'> => toEventView(event);
