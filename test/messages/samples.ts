import type { LinkOf } from '../../src/features/messages/links.ts';
import {
  ACTION_OF,
  type Channel,
  LOCALES,
  MESSAGE_KINDS,
  type Message,
  type MessageKind,
} from '../../src/features/messages/message.ts';

import { en } from '../../src/features/messages/texts/en.ts';

/** As long as the tokens of links: 256 bits in base64url. */
export const TOKEN = 'tZ3'.padEnd(43, '-_9aB');
export const UNDO = 'uQ7'.padEnd(43, 'cD_-0');
export const CODE = '123456';

/** The links of an API with a host name of ordinary length. */
export const linkOf: LinkOf = (action, token) =>
  `https://api.example.com/account/${action}#${token}`;

export const REPORTS: readonly MessageKind[] = [
  'release',
  'changed',
  'added',
  'reset_done',
  'password_changed',
  'new_login',
  'refresh_reuse',
  'lockout',
  'deleted',
  'taken',
  'admin_disabled',
  'admin_enabled',
  'admin_unlocked',
  'admin_signed_out',
  'admin_roles',
  'admin_changed',
];

/** Kinds that have a link and never a code. */
export const LINKS_ONLY: readonly MessageKind[] = ['invite', 'reset_required'];

/** What a message carries, by the members of `Message`. */
export type Carried = readonly ('token' | 'code' | 'undo')[];

const VALUES = { token: TOKEN, code: CODE, undo: UNDO };

export const messageOf = (
  kind: MessageKind,
  carried: Carried,
  others: Partial<Message> = {},
): Message => ({
  kind,
  channel: 'email',
  to: others.channel === 'phone' ? '+919876543210' : 'ada@example.com',
  locale: 'en',
  ...Object.fromEntries(carried.map((name) => [name, VALUES[name]])),
  ...others,
});

/** Everything that a message of a kind can carry, with and without the link for somebody else. */
export function carriedBy(kind: MessageKind): Carried[] {
  if (LINKS_ONLY.includes(kind)) return [['token']];
  const own: Carried[] = REPORTS.includes(kind)
    ? [[]]
    : ACTION_OF[kind] === undefined
      ? [['code']]
      : [['token', 'code'], ['token'], ['code']];
  if (en.mail[kind].undo === undefined) return own;
  return own.flatMap((carried) => [carried, [...carried, 'undo'] as const]);
}

/** Every kind in every language with everything that it can carry. */
export const samplesOf = (channel: Channel, others: Partial<Message> = {}): Message[] =>
  LOCALES.flatMap((locale) =>
    MESSAGE_KINDS.flatMap((kind) =>
      carriedBy(kind).map((carried) => messageOf(kind, carried, { locale, channel, ...others })),
    ),
  );

/** Names a message in a title. */
export const nameOf = ({ kind, locale, token, code, undo }: Message): string =>
  [kind, locale, token && 'token', code && 'code', undo && 'undo'].filter(Boolean).join(' ');

/** Counts how often a text contains another. */
export const countOf = (text: string, part: string): number => text.split(part).length - 1;
