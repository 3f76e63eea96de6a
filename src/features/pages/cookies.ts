import type { Config } from '../../config/config.ts';
import { equalTextsInConstantTime, randomBytes, toBase64Url } from '../../core/crypto/bytes.ts';
import { type CreateMac, deriveMac, type Mac } from '../../core/crypto/derived-key.ts';
import { createHostCookie, type HostCookie } from '../../core/http/cookies.ts';

const SESSION_PURPOSE = 'latchkey page session v1';
const FORM_PURPOSE = 'latchkey page form v1';
const SESSION = /^([\w-]{22})\.([1-9]\d{0,15})\.([\w-]{43})$/;
const FORM = /^[\w-]{22}$/;
const FORM_BYTES = 16;
/** As long as a device is known after its last login. */
const DEVICE_SECONDS = 90 * 86_400;

/** The session that a cookie names. */
export interface PageSession {
  readonly id: string;
  readonly userId: number;
}

/**
 * The cookies of the pages. The one of the session is no token of the API, and a session id, which stands in tokens and
 * lists, is no cookie: it carries a MAC under a key of its own.
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
  const macsOf = (purpose: string): Promise<Mac[]> =>
    Promise.all(secretKeys.map((secret) => deriveMac(secret, purpose, createMac)));
  const ofSessions = await macsOf(SESSION_PURPOSE);
  const ofForms = await macsOf(FORM_PURPOSE);

  /** The newest secret creates MACs, all of them authenticate. */
  const create = ([newest]: readonly Mac[], text: string) => newest?.(text) ?? '';
  const isMac = (macs: readonly Mac[], text: string, given: string) =>
    macs.some((mac) => equalTextsInConstantTime(mac(text), given));
  const formText = (value: string, sessionId = '') => `${value} ${sessionId}`;

  const device = createHostCookie('latchkey_device', pages.isSecure);

  return {
    session: createHostCookie('latchkey_session', pages.isSecure),
    form: createHostCookie('latchkey_form', pages.isSecure),
    device,

    keepDevice: (token) => device.set(token, DEVICE_SECONDS),

    seal({ id, userId }) {
      const text = `${id}.${userId}`;
      return `${text}.${create(ofSessions, text)}`;
    },

    open(value = '') {
      const [, id, userId, given] = SESSION.exec(value) ?? [];
      if (id === undefined || userId === undefined || given === undefined) return undefined;
      return isMac(ofSessions, `${id}.${userId}`, given)
        ? { id, userId: Number(userId) }
        : undefined;
    },

    formValue: (given = '') => (FORM.test(given) ? given : toBase64Url(randomBytes(FORM_BYTES))),

    formToken: (value, sessionId) => create(ofForms, formText(value, sessionId)),

    isFormToken: (token, value, sessionId) =>
      value !== undefined && FORM.test(value) && isMac(ofForms, formText(value, sessionId), token),
  };
}
