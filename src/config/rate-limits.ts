import type { SettingValues } from './schema.ts';

/** A household or an office shares one address but logs in by several names. */
const NAMES_PER_ADDRESS = 6;

/** Derives the limits of the settings. A limit that is `off` is null. */
export function rateLimitsOf(s: SettingValues) {
  const login = s.RATE_LIMIT_LOGIN;
  const wider = login && { ...login, count: login.count * NAMES_PER_ADDRESS };
  return {
    /** Per account name. */
    login,
    loginByAddress: s.RATE_LIMIT_LOGIN_ADDRESS === undefined ? wider : s.RATE_LIMIT_LOGIN_ADDRESS,
    signup: s.RATE_LIMIT_SIGNUP,
    /** Per session. */
    refresh: s.RATE_LIMIT_REFRESH,
    /** Requested messages per network. */
    messages: s.RATE_LIMIT_MESSAGES,
    /** New pictures per user. */
    avatar: s.RATE_LIMIT_AVATAR,
    /** Per address and server, for all requests. */
    anything: s.RATE_LIMIT_DEFAULT,
  };
}
