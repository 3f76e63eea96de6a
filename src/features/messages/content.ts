import { shownAddress } from './address.ts';
import { LIFETIME_MS, timeOf } from './lifetimes.ts';
import type { LinkOf } from './links.ts';
import { ACTION_OF, type Locale, type Message } from './message.ts';
import { en } from './texts/en.ts';
import { hi } from './texts/hi.ts';
import { fill, type Texts } from './texts/texts.ts';

const TEXTS: Readonly<Record<Locale, Texts>> = { en, hi };

/** Kinds that report something: they have neither a code nor a link of their own. */
const REPORTS: ReadonlySet<Message['kind']> = new Set([
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
]);

/** A part of a mail. Its plain text and its HTML show the same parts in the same order. */
export type Part =
  | { readonly kind: 'paragraph' | 'code'; readonly words: string }
  | { readonly kind: 'action' | 'undo'; readonly label: string; readonly url: string };

export interface MailContent {
  readonly subject: string;
  readonly parts: readonly Part[];
}

interface Timed {
  readonly url: string;
  readonly time: string;
}

/** The values of a message: what its kind has no use for is left out. */
export interface Values {
  readonly texts: Texts;
  readonly code: string | undefined;
  readonly codeTime: string;
  readonly link: Timed | undefined;
  readonly undo: Timed | undefined;
}

/** Returns the values of a message. @throws Error if a kind that needs a code or a link has neither */
export function valuesOf(message: Message, linkOf: LinkOf): Values {
  const { kind, token, undo } = message;
  const texts = TEXTS[message.locale];
  const action = ACTION_OF[kind];
  const code = REPORTS.has(kind) ? undefined : message.code;
  const link =
    action === undefined || token === undefined
      ? undefined
      : {
          url: linkOf(action, token),
          time: timeOf(LIFETIME_MS[kind === 'invite' ? kind : action], texts),
        };
  if (code === undefined && link === undefined && !REPORTS.has(kind)) {
    throw new Error(`The message ${kind} has neither a code nor a link`);
  }
  return {
    texts,
    code,
    codeTime: timeOf(LIFETIME_MS.code, texts),
    link,
    undo:
      undo === undefined || texts.mail[kind].undo === undefined
        ? undefined
        : { url: linkOf('undo', undo), time: timeOf(LIFETIME_MS.undo, texts) },
  };
}

/** Returns what a mail contains. @throws Error if a kind that needs a code or a link has neither */
export function mailContentOf(message: Message, linkOf: LinkOf): MailContent {
  const { texts, code, codeTime, link, undo } = valuesOf(message, linkOf);
  const mail = texts.mail[message.kind];
  const address = shownAddress(message.to);
  const parts: Part[] = mail.paragraphs.map((text) => paragraph(fill(text, { address })));
  const validity: string[] = [];
  if (link) {
    parts.push({ kind: 'action', label: mail.button ?? mail.subject, url: link.url });
    validity.push(fill(texts.linkTime, { time: link.time }));
  }
  if (code !== undefined) {
    parts.push(paragraph(link ? texts.orCode : texts.onlyCode), { kind: 'code', words: code });
    validity.push(fill(texts.codeTime, { time: codeTime }));
  }
  if (validity.length > 0) parts.push(paragraph([...validity, texts.secret].join(' ')));
  if (undo) {
    parts.push(paragraph(`${mail.undo} ${fill(texts.undoTime, { time: undo.time })}`), {
      kind: 'undo',
      label: texts.undoButton,
      url: undo.url,
    });
  } else {
    parts.push(paragraph(mail.notYou));
  }
  return { subject: mail.subject, parts };
}

const paragraph = (words: string): Part => ({ kind: 'paragraph', words });
