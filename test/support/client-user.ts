import {
  type Client,
  type ClientOptions,
  createClient,
  memoryTokens,
  ProblemError,
  type TokenStore,
  type Tokens,
} from '../../src/client/client.ts';
import { uniqueEmail } from './api.ts';

export const PASSWORD = 'analytical engine';

/** A user with a logged-in client. */
export interface ClientUser {
  readonly client: Client;
  readonly email: string;
  readonly store: TokenStore;
  /** The error code of each `onSignedOut` call of the client. */
  readonly signedOut: string[];
}

export async function newClientUser(
  baseUrl: string,
  options: Partial<ClientOptions> = {},
): Promise<ClientUser> {
  const store = options.tokens ?? memoryTokens();
  const signedOut: string[] = [];
  const client = createClient({
    baseUrl,
    onSignedOut: ({ code }) => signedOut.push(code),
    ...options,
    tokens: store,
  });
  const email = uniqueEmail();
  await client.signUp({ email, password: PASSWORD });
  await client.logIn(email, PASSWORD);
  return { client, email, store, signedOut };
}

export async function tokensOf(store: TokenStore): Promise<Tokens> {
  const tokens = await store.get();
  if (!tokens) throw new Error('nobody is logged in');
  return tokens;
}

/** Corrupts the stored access token. The server rejects it with the same code as an expired one. */
export async function spoilAccessToken(store: TokenStore): Promise<void> {
  const tokens = await tokensOf(store);
  await store.set({ ...tokens, accessToken: `${tokens.accessToken.slice(0, -8)}AAAAAAAA` });
}

/** Returns the problem that a call throws. */
export async function problemOf(call: Promise<unknown>): Promise<ProblemError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ProblemError) return error;
  throw new Error('the call ended in no problem', { cause: error });
}

/** Creates a token store whose writes can be blocked. */
export function gateTokens() {
  const kept = memoryTokens();
  const written: (Tokens | undefined)[] = [];
  let waiting = 0;
  let open = () => {};
  let opened = Promise.resolve();
  return {
    get: kept.get,
    async set(tokens: Tokens | undefined) {
      waiting += 1;
      await opened;
      waiting -= 1;
      written.push(tokens);
      await kept.set(tokens);
    },
    written,
    close() {
      opened = new Promise((resolve) => {
        open = resolve;
      });
    },
    open: () => open(),
    /** The number of blocked writes. */
    waiting: () => waiting,
  };
}
