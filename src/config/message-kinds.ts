import { isSupportedCountry } from 'libphonenumber-js/min';
import { z } from 'zod';
import { isLoopback } from '../core/loopback.ts';

/** How messages are sent: the value of `MAIL` or `SMS`. */
export type SenderSetting =
  | { readonly kind: 'console' }
  | { readonly kind: 'smtp'; readonly url: string }
  | { readonly kind: 'resend'; readonly key: string }
  | { readonly kind: 'webhook'; readonly url: string };

/** The actions that a link in a message leads to. */
export const LINK_ACTIONS = ['verify', 'reset', 'login', 'change', 'undo'] as const;

export type LinkAction = (typeof LINK_ACTIONS)[number];

/** The notices that can be switched off. At most one of each goes to an account in a day. */
export const DAILY_NOTICES = ['password_changed', 'new_login', 'refresh_reuse', 'lockout'] as const;

export type DailyNoticeKind = (typeof DAILY_NOTICES)[number];

export const isDailyNotice = (kind: string): kind is DailyNoticeKind =>
  DAILY_NOTICES.some((daily) => daily === kind);

/** `on`, `off`, or names of notices, separated by commas. */
export const noticeKinds = z.string().transform((text, context): readonly DailyNoticeKind[] => {
  if (text === 'on') return DAILY_NOTICES;
  if (text === 'off') return [];
  const names = text.split(',').map((name) => name.trim());
  if (names.every(isDailyNotice)) return names;
  context.addIssue(`must be on, off, or a comma-separated list of ${DAILY_NOTICES.join(', ')}`);
  return z.NEVER;
});

/** The place of the token in a link of `APP_LINKS`. */
export const TOKEN_PLACE = '{token}';

const SMTP = /^smtps?:\/\/(?:[^\s@/]+@)?(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?\/?$/i;
const RESEND = /^resend:([\w-]{8,255})$/;

/** Plain HTTP is accepted on this machine only. */
function isSecureUrl(text: string): boolean {
  if (!URL.canParse(text) || /\s/.test(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

function senderOf(text: string): SenderSetting | undefined {
  if (text === 'console') return { kind: 'console' };
  if (SMTP.test(text) && URL.canParse(text)) return { kind: 'smtp', url: text };
  const key = RESEND.exec(text)?.[1];
  if (key !== undefined) return { kind: 'resend', key };
  const url = text.startsWith('webhook:') ? text.slice('webhook:'.length) : '';
  return isSecureUrl(url) ? { kind: 'webhook', url } : undefined;
}

function senderAmong(kinds: readonly SenderSetting['kind'][], error: string) {
  return z
    .string()
    .max(2048)
    .transform((text, context): SenderSetting => {
      const sender = senderOf(text);
      if (sender && kinds.includes(sender.kind)) return sender;
      // The value may contain a password, so the message does not repeat it.
      context.addIssue(error);
      return z.NEVER;
    });
}

export const mailSender = senderAmong(
  ['console', 'smtp', 'resend', 'webhook'],
  'must be console, smtp://USER:PASSWORD@HOST:PORT, smtps://…, resend:KEY or webhook:URL, with an https:// URL or one of this machine',
);

export const smsSender = senderAmong(
  ['console', 'webhook'],
  'must be console or webhook:URL, with an https:// URL or one of this machine',
);

const FROM = /^(?:[^<>\p{Cc}"\\,;:@]{1,128} )?<[^\s<>@\p{Cc}]{1,64}@[a-z0-9.-]{1,255}>$/iu;
const BARE_FROM = /^[^\s<>@\p{Cc}",;:\\]{1,64}@[a-z0-9.-]{1,255}$/iu;

/** The sender of mail: `Name <address>`, or the address alone. */
export const mailFrom = z
  .string()
  .refine(
    (text) => FROM.test(text) || BARE_FROM.test(text),
    'must be an address such as no-reply@example.com, or Name <no-reply@example.com>',
  );

const WEBHOOK_SECRET = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;

/** A secret of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. */
export const webhookSecret = z
  .string()
  .regex(WEBHOOK_SECRET, 'must be whsec_ followed by 24 to 64 random bytes in base64');

/** The address under which users reach the API: without a trailing slash. */
export const publicUrl = z
  .string()
  .max(1024)
  .refine(
    (text) => isSecureUrl(text) && !/[?#@]/.test(text),
    'must be an https:// URL, or an http:// URL of this machine, without a query',
  )
  .transform((text) => text.replace(/\/+$/, ''));

/** An `https:` page, one of this machine, or one that an app has registered its own scheme for. */
function isAppLink(text: string): boolean {
  if (!text.includes(TOKEN_PLACE) || /[\s<>"]/.test(text)) return false;
  const url = text.replaceAll(TOKEN_PLACE, 'token');
  if (!URL.canParse(url)) return false;
  const { protocol } = new URL(url);
  if (protocol === 'http:' || protocol === 'https:') return isSecureUrl(url);
  // An app's own scheme has a dot by convention (RFC 8252 section 7.1), or at least a name of its own.
  return !['javascript:', 'data:', 'file:', 'vbscript:', 'blob:', 'about:'].includes(protocol);
}

const appLink = z.string().max(1024).refine(isAppLink).optional();

const LINKS = z.strictObject({
  verify: appLink,
  reset: appLink,
  login: appLink,
  change: appLink,
  undo: appLink,
} satisfies Record<LinkAction, typeof appLink>);

/** A JSON object of links by action. */
export const appLinks = z
  .string()
  .max(8192)
  .transform((text, context) => {
    try {
      return LINKS.parse(JSON.parse(text));
    } catch {
      context.addIssue(
        `must be a JSON object of ${LINK_ACTIONS.join(', ')}: links that contain ${TOKEN_PLACE}, with https:, an app's own scheme, or http: on this machine`,
      );
      return z.NEVER;
    }
  });

/** ISO 3166 countries, separated by commas. */
export const countries = z
  .string()
  .transform((text) => text.split(',').flatMap((country) => country.trim() || []))
  .refine(
    (list) => list.length > 0 && list.every((country) => isSupportedCountry(country)),
    'must be a comma-separated list of ISO 3166 country codes in upper case, such as IN,LK',
  );
