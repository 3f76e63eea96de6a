import type { Config } from '../../config/config.ts';
import type { SenderSetting } from '../../config/message-kinds.ts';
import type { CreateMac } from '../../core/crypto/derived-key.ts';
import { ConfigError } from '../../core/errors.ts';
import type { Mailer, Outbound, SmsSender } from '../../core/ports.ts';
import type { Send, Senders } from './delivery.ts';
import type { LinkOf } from './links.ts';
import type { Message } from './message.ts';
import { isOneLine, isPhone, mailAddressOf } from './recipient.ts';
import { renderMail, renderSms } from './render.ts';
import type { ConsoleSender } from './senders/console.ts';
import { createResendMailer } from './senders/resend.ts';
import { createMailWebhook, createSmsWebhook } from './senders/webhook.ts';

/** Creates a mailer for an SMTP server. */
export type CreateSmtpMailer = (options: {
  readonly url: string;
  /** `Name <address>`, or the address alone. */
  readonly from: string;
}) => Mailer;

export interface SenderParts {
  readonly config: { readonly messages: Pick<Config['messages'], 'mailFrom' | 'webhookSecret'> };
  readonly fetch: Outbound;
  readonly createMac: CreateMac;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly console: ConsoleSender;
  /** Absent if the platform has no connections besides HTTP. */
  readonly createSmtpMailer?: CreateSmtpMailer | undefined;
}

/** Creates the mailer of `MAIL`. @throws ConfigError if the platform does not support it */
export function createMailer(setting: SenderSetting, parts: SenderParts): Mailer {
  const { fetch, createSmtpMailer } = parts;
  const from = parts.config.messages.mailFrom;
  switch (setting.kind) {
    case 'console':
      return {
        async send(message) {
          parts.console.print('email', message);
          return { kind: 'sent' };
        },
      };
    case 'smtp':
      if (!createSmtpMailer) {
        throw new ConfigError([
          'MAIL: must not be SMTP on Workers; use resend:KEY or webhook:URL instead',
        ]);
      }
      return createSmtpMailer({ url: setting.url, from });
    case 'resend':
      return createResendMailer({ key: setting.key, from, fetch });
    case 'webhook':
      return createMailWebhook({ ...webhookPartsOf(setting.url, parts), from });
  }
}

/** Creates the sender of `SMS`. */
export function createSmsSender(setting: SenderSetting, parts: SenderParts): SmsSender {
  if (setting.kind === 'webhook') return createSmsWebhook(webhookPartsOf(setting.url, parts));
  return {
    async send(message) {
      parts.console.print('phone', message);
      return { kind: 'sent' };
    },
  };
}

function webhookPartsOf(url: string, { config, fetch, createMac, clock }: SenderParts) {
  // The settings require it.
  const secret = config.messages.webhookSecret ?? '';
  return { url, secret, fetch, createMac, clock };
}

/** Renders each message and sends it. */
export function createSenders(
  { mail, sms }: { readonly mail: Mailer | undefined; readonly sms: SmsSender | undefined },
  linkOf: LinkOf,
): Senders {
  return {
    ...(mail && { email: sendMail(mail, linkOf) }),
    ...(sms && { phone: sendSms(sms, linkOf) }),
  };
}

const INVALID_ADDRESS = { kind: 'rejected', reason: 'invalid_address' } as const;
const INVALID_SUBJECT = { kind: 'rejected', reason: 'invalid_subject' } as const;

const sendMail =
  (mail: Mailer, linkOf: LinkOf): Send =>
  async (id, message, trace) => {
    const to = mailAddressOf(message.to);
    if (to === undefined) return INVALID_ADDRESS;
    const content = renderMail(message, linkOf);
    if (!isOneLine(content.subject)) return INVALID_SUBJECT;
    return mail.send({ id, to, ...content, ...templateOf(message) }, trace);
  };

const sendSms =
  (sms: SmsSender, linkOf: LinkOf): Send =>
  async (id, message, trace) => {
    const { to } = message;
    if (!isPhone(to)) return INVALID_ADDRESS;
    return sms.send({ id, to, text: renderSms(message, linkOf), ...templateOf(message) }, trace);
  };

const templateOf = ({ kind, locale, code }: Message) => ({ kind, locale, code });
