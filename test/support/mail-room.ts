import type { PrintedMessage } from '../../src/features/messages/senders/console.ts';
import { bearer, createTestApp, form, json, newUser } from './test-app.ts';

/** What a message carries, read from its text. */
export interface Received {
  readonly to: string;
  readonly text: string;
  readonly code: string | undefined;
  /** Tokens by the action of their link. */
  readonly tokens: Readonly<Record<string, string | undefined>>;
}

const receivedFrom = ({ to, text }: PrintedMessage): Received => ({
  to,
  text,
  code: /^\D*(\d{6})\b/m.exec(text.replaceAll(/\+?\d{7,}/g, ''))?.[1],
  tokens: Object.fromEntries(
    [...text.matchAll(/\/account\/(\w+)#([\w-]{43})/g)].map(([, action = '', token]) => [
      action,
      token,
    ]),
  ),
});

/** An app whose messages are printed on a console that the test reads. */
export async function createMailRoom(settings: Record<string, string> = {}) {
  const room = await createTestApp(settings);
  const { app, deps } = room;
  let read = 0;

  const send = async (path: string, init: RequestInit, address = '203.0.113.7') =>
    app.request(path, init, { clientAddress: address });

  return {
    ...room,
    send,
    post: (path: string, body: unknown, headers: Record<string, string> = {}, address?: string) =>
      send(path, json('POST', body, headers), address),
    /** Logs in with a password. Returns the status. */
    logIn: async (username: string, password: string) =>
      (await send('/auth/login', form({ username, password }))).status,
    profile: async (token: string) => {
      const answer = await send('/profile/me', { headers: bearer(token) });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
    newUser: (email?: string, password?: string) => newUser(app, email, password),
    /** The messages since the last call, oldest first. */
    async received(): Promise<Received[]> {
      await room.idle();
      const all = deps.messages.printed();
      const fresh = all.slice(0, all.length - read).toReversed();
      read = all.length;
      return fresh.map(receivedFrom);
    },
  };
}

export const codeOf = async (answer: Response): Promise<unknown> =>
  answer.status < 400 ? answer.status : ((await answer.json()) as { code: unknown }).code;
