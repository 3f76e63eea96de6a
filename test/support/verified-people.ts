import { setTimeout as delay } from 'node:timers/promises';
import { type Account, type Api, uniqueEmail } from './api.ts';
import { TimedApi } from './movable-clock/api.ts';

const PATIENCE_MS = 10_000;
/** An address gets one message a minute. */
const AGO_MS = 120_000;

/** The newest text that a message to an address has and that matches. @param kind that of the message; any if omitted */
async function inMessage(api: Api, to: string, pattern: RegExp, kind?: string): Promise<string> {
  const find = async () => {
    const list = (await api.get('/dev/messages')).body as {
      to: string;
      kind: string;
      text: string;
    }[];
    return list
      .filter((message) => message.to.endsWith(to) && (kind ?? message.kind) === message.kind)
      .flatMap(({ text }) => pattern.exec(text)?.[0] ?? [])[0];
  };
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('no message came');
    await delay(20);
  }
}

/** The newest code of a kind to an address. An older message of another kind may have a code too. */
export const codeIn = (api: Api, to: string, kind: string): Promise<string> =>
  inMessage(api, to, /\b\d{6}\b/, kind);

/** The path of the newest link to an address. */
export const linkIn = (api: Api, to: string, action: string): Promise<string> =>
  inMessage(api, to, new RegExp(`/account/${action}#[\\w-]{43}`));

/** A user of a timed target whose address was verified so long ago that it may get another message now. */
export async function newVerified(api: Api, email = uniqueEmail()): Promise<Account> {
  const past = new TimedApi(api.baseUrl);
  past.now = Date.now() - AGO_MS;
  const account = await past.newAccount(email);
  await past.json('POST', '/auth/verification', { channel: 'email' }, account.bearer);
  // Not by the link, which would end the session of the first administrator.
  const proof = { channel: 'email', code: await codeIn(api, account.email, 'verify') };
  const { status } = await past.json('POST', '/auth/verification/confirm', proof, account.bearer);
  if (status !== 204) throw new Error('the address is not verified');
  return account;
}
