import type { Config } from '../../config/config.ts';
import { equalTextsInConstantTime, randomBytes, toBase64Url } from '../../core/crypto/bytes.ts';
import { type CreateMac, deriveMacs, type Macs } from '../../core/crypto/derived-key.ts';
import { createHostCookie, type HostCookie } from '../../core/http/cookies.ts';
import { DEVICE_LIFETIME_MS } from '../devices/token.ts';

const SESSION_PURPOSE = 'latchkey page session v1';
const FORM_PURPOSE = 'latchkey page form v1';
const SESSION = /^([\w-]{22})\.([1-9]\d{0,15})\.([\w-]{43})$/;
const FORM = /^[\w-]{22}$/;
const FORM_BYTES = 16;

/** The session that a cookie names. */
export interface PageSession {
  readonly id: string;
  readonly userId: number;
}

/**
 * The cookies of the pages. The session cookie is not a token of the API. A session id alone, which tokens and lists
 * contain, is not a cookie: the cookie also carries a MAC under a key of its own.
 */
export interface PageCookies {
  readonly session: HostCookie;
  readonly form: HostCookie;
  /** The token that recognizes the device at the next login. It stays after a logout. */
  readonly device: HostCookie;
  /** Returns the value of `Set-Cookie` that stores the token of the device. */
  keepDevice(token: string): string;
  /** Returns the value of the cookie of a session. */
  seal(session: PageSession): string;
  /** Returns `undefined` for a value that this server has not sealed. Does not query the database. */
  open(value: string | undefined): PageSession | undefined;
  /** Returns the value of the cookie of forms: the given one if it is well-formed, else a new one. */
  formValue(given: string | undefined): string;
  /** Returns the token of the forms of a browser in a session, or outside of one (OWASP CSRF Prevention, HMAC-based). */
  formToken(formValue: string, sessionId: string | undefined): string;
  /** True if a token belongs to the cookie and the session. */
  isFormToken(token: string, formValue: string | undefined, sessionId: string | undefined): boolean;
}

export async function createPageCookies(
  { secretKeys, pages }: Pick<Config, 'secretKeys' | 'pages'>,
  createMac: CreateMac,
): Promise<PageCookies> {
  const ofSessions = await deriveMacs(secretKeys, SESSION_PURPOSE, createMac);
  const ofForms = await deriveMacs(secretKeys, FORM_PURPOSE, createMac);

  const isMac = (macs: Macs, text: string, given: string) =>
    macs(text).some((mac) => equalTextsInConstantTime(mac, given));
  const formText = (value: string, sessionId = '') => `${value} ${sessionId}`;

  const device = createHostCookie('latchkey_device', pages.isSecure);

  return {
    session: createHostCookie('latchkey_session', pages.isSecure),
    form: createHostCookie('latchkey_form', pages.isSecure),
    device,

    keepDevice: (token) => device.set(token, DEVICE_LIFETIME_MS / 1000),

    seal({ id, userId }) {
      const text = `${id}.${userId}`;
      return `${text}.${ofSessions(text)[0]}`;
    },

    open(value = '') {
      const [, id, userId, given] = SESSION.exec(value) ?? [];
      if (id === undefined || userId === undefined || given === undefined) return undefined;
      return isMac(ofSessions, `${id}.${userId}`, given)
        ? { id, userId: Number(userId) }
        : undefined;
    },

    formValue: (given = '') => (FORM.test(given) ? given : toBase64Url(randomBytes(FORM_BYTES))),

    formToken: (value, sessionId) => ofForms(formText(value, sessionId))[0],

    isFormToken: (token, value, sessionId) =>
      value !== undefined && FORM.test(value) && isMac(ofForms, formText(value, sessionId), token),
  };
}
