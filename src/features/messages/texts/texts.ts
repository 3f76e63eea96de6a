import type { MessageKind } from '../message.ts';

/** The texts of a mail. `{address}` is the address that the mail is sent to. */
export interface MailTexts {
  readonly subject: string;
  /** What has happened. */
  readonly paragraphs: readonly string[];
  /** The label of the button that opens the link of the kind. */
  readonly button?: string;
  /** What a recipient who did not cause the message does, if it has no link for them. */
  readonly notYou: string;
  /** What the link for such a recipient does. A kind without this text never has the link. */
  readonly undo?: string;
}

/** The texts of a text message. Each is a part of one line. */
export interface SmsTexts {
  /** With `{code}` and `{time}`; with `{link}` and `{time}` if the kind has no code; without if it only reports. */
  readonly words: string;
  /** Replaces `words` in a message without a code. With `{link}` and `{time}`. */
  readonly link?: string;
  /** What a recipient who did not cause the message does, if it has no link for them. */
  readonly notYou: string;
}

/** All texts of one language. A name in braces is replaced by a value. */
export interface Texts {
  /** With `{count}`. */
  readonly minutes: string;
  readonly hours: string;
  readonly days: string;
  /** Stands before the code of a mail: with a button above it, and without. */
  readonly orCode: string;
  readonly onlyCode: string;
  /** With `{time}`. */
  readonly linkTime: string;
  readonly codeTime: string;
  readonly undoTime: string;
  readonly secret: string;
  /** The label of the link for a recipient who did not cause the message. */
  readonly undoButton: string;
  /** Ends a text message that has such a link. With `{link}` and `{time}`. */
  readonly smsUndo: string;
  readonly mail: Readonly<Record<MessageKind, MailTexts>>;
  readonly sms: Readonly<Record<MessageKind, SmsTexts>>;
}

/** Replaces the names in braces. A value may contain braces itself: it is not searched. */
export const fill = (text: string, values: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);
