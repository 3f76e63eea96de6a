import { z } from 'zod';
import { ConfigError } from '../../core/errors.ts';
import { isLoopback } from '../../core/loopback.ts';
import type { Mailer, Sending } from '../../core/ports.ts';
import type { CreateSmtpMailer } from '../../features/messages/senders.ts';

/** How long a message may take, in milliseconds. */
export interface SmtpLimits {
  /** From the connection to the last answer: the connection is then closed, so that nothing is sent late. */
  readonly totalMs: number;
  /** To connect, and for each answer. */
  readonly stepMs: number;
}

const LIMITS: SmtpLimits = { totalMs: 25_000, stepMs: 10_000 };
const PORTS: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 };
const FROM = /^(?:(?<name>.*) )?<(?<address>[^<>]+)>$/;

/**
 * Sends to an SMTP server, by a connection of its own for each message. TLS is mandatory, unless the server is on this
 * machine: there it is used if the server offers it, with any certificate.
 *
 * @param limits replaced by tests
 */
export const smtpMailerWithin =
  (limits: SmtpLimits): CreateSmtpMailer =>
  ({ url, from }) => {
    const server = serverOf(url);
    const { name = '', address = from } = FROM.exec(from)?.groups ?? {};
    const domain = address.slice(address.lastIndexOf('@') + 1);
    const options = {
      ...server,
      connectionTimeout: limits.stepMs,
      greetingTimeout: limits.stepMs,
      socketTimeout: limits.stepMs,
      dnsTimeout: limits.stepMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    };
    return {
      async send({ id, to, kind: _kind, locale: _locale, code: _code, ...content }) {
        // Loaded by the first message, since few deployments use it.
        const { createTransport } = await import('nodemailer');
        try {
          await createTransport(options).sendMail({
            ...content,
            from: { name, address },
            to: { name: '', address: to },
            envelope: { from: { name: '', address }, to: [{ name: '', address: to }] },
            messageId: `<${id}@${domain}>`,
            headers: { 'Auto-Submitted': 'auto-generated' },
            signal: AbortSignal.timeout(limits.totalMs),
          });
          return { kind: 'sent' };
        } catch (error) {
          return resultOf(error);
        }
      },
    } satisfies Mailer;
  };

export const createSmtpMailer = smtpMailerWithin(LIMITS);

/** @throws ConfigError if the URL contains a malformed escape sequence */
function serverOf(url: string) {
  const { protocol, hostname, port, username, password } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isLocal = isLoopback(host);
  return {
    host,
    port: port === '' ? PORTS[protocol] : Number(port),
    secure: protocol === 'smtps:',
    requireTLS: !isLocal,
    ...(isLocal && { tls: { rejectUnauthorized: false } }),
    ...(username !== '' && { auth: { user: decode(username), pass: decode(password) } }),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigError(['MAIL: must contain only complete %XX in the user and the password']);
  }
}

const errorSchema = z.object({
  /** nodemailer's own code, and that of the system if it has replaced one. */
  code: z.string().default('error'),
  originalCode: z.string().optional(),
  command: z.string().default(''),
  responseCode: z.number().default(0),
  response: z.string().default(''),
});

type Failure = z.infer<typeof errorSchema>;

const ENHANCED = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/;
/** Authentication is required or has failed (RFC 4954 section 6). */
const OF_LOGIN = [530, 534, 535, 538];
/** The sender's address is invalid (RFC 3463 section 3.2); servers may report it with the recipient. */
const OF_SENDER = ['5.1.7', '5.1.8'];
/** With 5.7.1, the server relays nothing from this sender or address. */
const OF_RELAY = [553, 554];
/** Errors of a certificate, as OpenSSL and its replacements name them. */
const OF_CERTIFICATE = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_VERIFY/;

function resultOf(error: unknown): Sending {
  const failure = errorSchema.safeParse(error).data;
  if (!failure) return { kind: 'later', reason: 'error' };
  const [, enhanced = ''] = ENHANCED.exec(failure.response) ?? [];
  // Never the text of the response, which often contains the address.
  const { code, originalCode = '', responseCode } = failure;
  const parts = [code, originalCode, responseCode || '', enhanced];
  return { kind: kindOf(failure, enhanced), reason: parts.filter(Boolean).join(' ') };
}

function kindOf(
  { code, originalCode = '', command, responseCode }: Failure,
  enhanced: string,
): 'rejected' | 'misconfigured' | 'later' {
  if (responseCode >= 400 && responseCode < 500) return 'later';
  if (code === 'EAUTH' || OF_LOGIN.includes(responseCode)) return 'misconfigured';
  if (OF_CERTIFICATE.test(originalCode)) return 'misconfigured';
  if (code === 'EENVELOPE' && command === 'API') return 'rejected';
  if (responseCode < 500 || responseCode === 503) return 'later';
  if (command === 'DATA') return 'rejected';
  // Refused before the recipient was named: the greeting, STARTTLS, the sender.
  if (command !== 'RCPT TO' || OF_SENDER.includes(enhanced)) return 'misconfigured';
  return enhanced === '5.7.1' && OF_RELAY.includes(responseCode) ? 'misconfigured' : 'rejected';
}
