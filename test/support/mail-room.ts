import { recordingSenders } from './message-app.ts';
import { type Received, receivedFrom } from './received.ts';
import { bearer, createTestApp, form, json, newUser } from './test-app.ts';

/** The network that requests of a mail room come from. */
export const HERE = '203.0.113.7';

type Headers = Record<string, string>;

/** An app whose messages the test receives. */
export async function createMailRoom(
  settings: Record<string, string> = {},
  platform: Parameters<typeof createTestApp>[1] = {},
) {
  const senders = recordingSenders();
  const room = await createTestApp(settings, {
    mail: senders.mail,
    sms: senders.sms,
    ...platform,
  });
  const { app } = room;

  const send = async (path: string, init: RequestInit, address = HERE) =>
    app.request(path, init, { clientAddress: address });
  const post = (path: string, body: unknown, headers: Headers = {}, address?: string) =>
    send(path, json('POST', body, headers), address);

  /** The messages since the last call, oldest first. */
  async function received(): Promise<Received[]> {
    await room.idle();
    return senders.sent.splice(0).map(receivedFrom);
  }

  /** The only message since the last call. */
  async function message(): Promise<Received> {
    const [first, ...others] = await received();
    if (!first || others.length > 0) throw new Error(`${others.length + (first ? 1 : 0)} messages`);
    return first;
  }

  /** Logs in with a password. Returns the access token. */
  async function tokenOf(username: string, password: string, address?: string): Promise<string> {
    const answer = await send('/auth/login', form({ username, password }), address);
    return String(((await answer.json()) as { access_token?: unknown }).access_token);
  }

  /** Verifies an address of an account, and waits until another message may be sent. */
  async function verify(token: string, channel: 'email' | 'phone' = 'email'): Promise<void> {
    await post('/auth/verification', { channel }, bearer(token));
    const { code } = await message();
    const answer = await post('/auth/verification/confirm', { channel, code }, bearer(token));
    if (answer.status !== 204) throw new Error('the address is not verified');
    room.advance(60);
  }

  return {
    ...room,
    /** The messages that the senders were given and the test has not received. */
    senders,
    send,
    post,
    received,
    message,
    tokenOf,
    verify,
    /** Logs in with a password. Returns the status. */
    logIn: async (username: string, password: string, address?: string) =>
      (await send('/auth/login', form({ username, password }), address)).status,
    profile: async (token: string) => {
      const answer = await send('/profile/me', { headers: bearer(token) });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
    newUser: (email?: string, password?: string) => newUser(app, email, password),
    /** Signs up with a phone number, and an email address if given. */
    async newPhoneUser(phone: string, email?: string, password = 'analytical engine') {
      const answer = await post('/api/v1/auth/signup', { phone, password, email });
      const { data } = (await answer.json()) as { data: { token: string; user: { id: number } } };
      return { id: data.user.id, phone, password, token: data.token };
    },
    /** A user whose email address is verified. */
    async newVerifiedUser(email?: string, password?: string) {
      const account = await newUser(app, email, password);
      await verify(account.token);
      return account;
    },
    /** Requests a message for a name. Returns the message. */
    async ask(path: string, username: string, address?: string): Promise<Received> {
      await post(path, { username }, {}, address);
      return message();
    },
  };
}

export type MailRoom = Awaited<ReturnType<typeof createMailRoom>>;

/** The status of an answer; its problem code if it is a problem. */
export const codeOf = async (answer: Response): Promise<unknown> =>
  answer.status < 400 ? answer.status : ((await answer.json()) as { code: unknown }).code;

/** A code that is not this one. */
export const otherCode = (code: string | undefined, step = 1): string =>
  String((Number(code) + step) % 1_000_000).padStart(6, '0');

/** A code as some people type it. */
export const spaced = (code: string): string => ` ${code.slice(0, 3)} ${code.slice(3)} `;

/** A room without the daily notices, which have tests of their own. */
export const createQuietMailRoom = () => createMailRoom({ NOTICES: 'off' });
