import { formatNetwork } from '../../core/network.ts';
import { isoTime } from '../../core/time.ts';
import type { Session } from './session.ts';

/** A session in a list. */
export const toSessionView = (session: Session) => ({
  id: session.id,
  created_at: isoTime(session.createdAt),
  last_used_at: isoTime(session.lastUsedAt),
  expires_at: isoTime(session.expiresAt),
  method: session.method,
  user_agent: session.userAgent,
  address: session.address,
  last_network: session.lastNetwork === null ? null : formatNetwork(session.lastNetwork),
});
