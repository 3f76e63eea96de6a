import type { MessageConfig } from '../../config/message-config.ts';
import { randomBytes, toBase64Url } from '../../core/crypto/bytes.ts';
import { CommandError, nameOf } from '../../core/errors.ts';
import { createOutbound, OutboundError } from '../../core/outbound.ts';
import type { Sending } from '../../core/ports.ts';
import { isPhone, mailAddressOf } from '../../features/messages/recipient.ts';
import { createConsoleSender } from '../../features/messages/senders/console.ts';
import { createMailer, createSmsSender } from '../../features/messages/senders.ts';
import { readMessageConfig } from '../ports/environment.ts';
import { createNativeMac } from '../ports/native-mac.ts';
import { createSmtpMailer } from '../ports/smtp.ts';
import { type Command, listSettings, runsOnDatabase } from './command.ts';

const PURPOSE = `Sends a test message with the sender of MAIL or SMS, and reports what its server has answered. Needs no database.

The exit code is 0 if the message was accepted, otherwise 1.`;

const SUBJECT = 'Test message from Latchkey';
const TEXT = 'This is a test message. Whoever reads it can receive messages from Latchkey.';

/** `latchkey messages test ADDRESS` */
export const messages: Command = {
  name: 'messages',
  summary: 'Send a test message.',
  purpose: PURPOSE,
  usage: 'test ADDRESS',
  define(parser) {
    const test = parser
      .command('test')
      .description('Send a message to an email address or a phone number.')
      .argument('<ADDRESS>', 'an email address, or a phone number such as +919876543210');
    listSettings(test, 'messages');
    runsOnDatabase(test, run);
  },
};

async function run(address: string): Promise<void> {
  const config = readMessageConfig();
  const sending = await send(address, config);
  if (sending.kind !== 'sent') throw new CommandError(`${sending.kind}: ${sending.reason}`);
  console.log('sent');
}

async function send(address: string, config: MessageConfig): Promise<Sending> {
  const parts = {
    config: { messages: config },
    fetch: createOutbound(fetch),
    createMac: createNativeMac,
    clock: Date.now,
    console: createConsoleSender((text) => console.log(text), Date.now),
    createSmtpMailer,
  };
  const id = toBase64Url(randomBytes(16));
  const content = { id, text: TEXT, kind: 'test', locale: 'en' };
  const html = `<p>${TEXT}</p>`;
  try {
    if (!address.includes('@')) {
      if (!isPhone(address)) throw new CommandError(`Not a phone number in E.164: ${address}`);
      const sms = config.sms && createSmsSender(config.sms, parts);
      if (!sms) throw new CommandError('SMS: must be set');
      return await sms.send({ ...content, to: address });
    }
    const to = mailAddressOf(address);
    if (to === undefined) throw new CommandError(`Not an email address: ${address}`);
    const mail = config.mail && createMailer(config.mail, parts);
    if (!mail) throw new CommandError('MAIL: must be set');
    return await mail.send({ ...content, to, subject: SUBJECT, html });
  } catch (error) {
    if (error instanceof OutboundError) return { kind: 'later', reason: error.reason };
    if (error instanceof TypeError) return { kind: 'later', reason: reasonOf(error) };
    throw error;
  }
}

/** Of a request that got no answer, such as `ECONNREFUSED`. */
function reasonOf({ cause, name }: TypeError): string {
  const isCoded = cause instanceof Error && 'code' in cause;
  return isCoded ? String(cause.code) : nameOf(cause ?? name);
}
