import type { MailMessage } from '../../core/ports.ts';
import { mailContentOf, type Part, valuesOf } from './content.ts';
import type { LinkOf } from './links.ts';
import type { Message } from './message.ts';
import { pageOf } from './page.ts';
import { fill } from './texts/texts.ts';

/** A mail as it is written out. */
export type RenderedMail = Pick<MailMessage, 'subject' | 'text' | 'html'>;

/**
 * Writes a mail out. Its plain text and its HTML contain the same.
 *
 * @throws Error if a kind that needs a code or a link has neither
 */
export function renderMail(message: Message, linkOf: LinkOf): RenderedMail {
  const content = mailContentOf(message, linkOf);
  return {
    subject: content.subject,
    text: `${content.parts.map(plainTextOf).join('\n\n')}\n`,
    html: pageOf(content, message.locale),
  };
}

/**
 * Writes a text message out: one line. A link is left out where the code does the same.
 *
 * @throws Error if a kind that needs a code or a link has neither
 */
export function renderSms(message: Message, linkOf: LinkOf): string {
  const { texts, code, codeTime, link, undo } = valuesOf(message, linkOf);
  const sms = texts.sms[message.kind];
  const words =
    code === undefined && link
      ? fill(sms.link ?? sms.words, { link: link.url, time: link.time })
      : fill(sms.words, { code: code ?? '', time: codeTime });
  const end = undo ? fill(texts.smsUndo, { link: undo.url, time: undo.time }) : sms.notYou;
  return `${words} ${end}`;
}

const plainTextOf = (part: Part): string =>
  'words' in part ? part.words : `${part.label}:\n${part.url}`;
