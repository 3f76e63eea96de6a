import type { MailMessage, SmsMessage } from '../../src/core/ports.ts';

/** What a message carries, read from its text. */
export interface Received {
  readonly kind: string;
  readonly locale: string;
  readonly to: string;
  readonly text: string;
  readonly code: string | undefined;
  /** Tokens by the action of their link. */
  readonly tokens: Readonly<Record<string, string | undefined>>;
}

/** Reads a message as its recipient does. */
export const receivedFrom = ({
  kind,
  locale,
  to,
  text,
}: Pick<MailMessage | SmsMessage, 'kind' | 'locale' | 'to' | 'text'>): Received => ({
  kind,
  locale,
  to,
  text,
  code: /(?<![\w#+-])\d{6}(?![\w-])/.exec(text)?.[0],
  tokens: Object.fromEntries(
    [...text.matchAll(/\/account\/(\w+)#([\w-]{43})/g)].map(([, action = '', token]) => [
      action,
      token,
    ]),
  ),
});
