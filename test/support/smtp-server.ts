import { text } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';

/** A mail that a server has accepted. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly isEncrypted: boolean;
  readonly user: unknown;
  /** Whether the client has asked for addresses beyond ASCII (RFC 6531). */
  readonly isInternational: boolean;
  readonly raw: string;
}

/** What a server answers to a recipient, if not 250: a text that begins with an enhanced status code. */
export type Refusal = readonly [code: number, text: string] | undefined;

interface Behavior {
  readonly secure?: boolean;
  readonly certificate?: { readonly key: string; readonly cert: string };
  /** The only login. Without it, none is offered. */
  readonly login?: { readonly user: string; readonly password: string; readonly failure?: number };
  readonly onSender?: () => Refusal;
  readonly onRecipient?: (address: string) => Refusal;
  readonly onContent?: () => Refusal;
  readonly options?: SMTPServerOptions;
}

const errorOf = (refusal: Refusal): Error | null =>
  refusal ? Object.assign(new Error(refusal[1]), { responseCode: refusal[0] }) : null;

/** Starts an SMTP server on a free port of 127.0.0.1, and closes it when the test ends. */
export async function startSmtpServer(behavior: Behavior = {}) {
  const mails: ReceivedMail[] = [];
  const { secure = false, certificate, login, options } = behavior;
  const server = new SMTPServer({
    secure,
    ...certificate,
    authOptional: login === undefined,
    disabledCommands: [...(login ? [] : ['AUTH']), ...(certificate ? [] : ['STARTTLS'])],
    closeTimeout: 1,
    onAuth({ username, password }, _session, done) {
      if (username === login?.user && password === login?.password)
        return done(null, { user: username });
      done(errorOf([login?.failure ?? 535, '5.7.8 Invalid login']));
    },
    onMailFrom: (_address, _session, done) => done(errorOf(behavior.onSender?.())),
    onRcptTo: ({ address }, _session, done) => done(errorOf(behavior.onRecipient?.(address))),
    async onData(stream, { envelope, secure: isEncrypted, user }, done) {
      const raw = await text(stream);
      const refusal = behavior.onContent?.();
      if (!refusal) {
        mails.push({
          from: envelope.mailFrom ? envelope.mailFrom.address : '',
          to: envelope.rcptTo.map(({ address }) => address),
          isEncrypted,
          user,
          isInternational: envelope.smtpUtf8 === true,
          raw,
        });
      }
      done(errorOf(refusal));
    },
    ...options,
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return { mails, port: address.port };
}
