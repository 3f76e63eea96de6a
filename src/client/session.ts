import { NetworkError, ProblemError } from './errors.ts';
import type { Exclusive } from './exclusive.ts';
import type { TokenStore, Tokens } from './tokens.ts';

interface SessionOptions {
  readonly store: TokenStore;
  readonly exclusive: Exclusive;
  /** Asks the server once for the tokens that follow. `isFirst` bids it be brief. */
  readonly rotate: (tokens: Tokens, isFirst: boolean) => Promise<Tokens>;
  readonly onSignedOut: (error: ProblemError) => void;
}

/** The login that the store holds, and how it is kept alive. */
export interface Session {
  read(): Promise<Tokens | undefined>;
  /** Stores a new login, whatever is under way for an old one. */
  begin(tokens: Tokens): Promise<void>;
  /** Forgets the login. Returns what was there. */
  end(): Promise<Tokens | undefined>;
  /** Gets the tokens that follow, stored or not. */
  exchange(tokens: Tokens): Promise<Tokens>;
  /**
   * Gives tokens to use instead of these: newer ones of the store, or else refreshed ones, by one refresh
   * however many ask. `undefined` where the store holds this login no more.
   *
   * @throws ProblemError `invalid_refresh_token` where the login is over, and then the store is empty;
   *   any other failure leaves the store as it is
   */
  renew(dead: Tokens): Promise<Tokens | undefined>;
}

export function createSession({ store, exclusive, rotate, onSignedOut }: SessionOptions): Session {
  let flight: { readonly of: string; readonly tokens: Promise<Tokens | undefined> } | undefined;

  /** The next tokens take the place of these and of no others. Tells what the store then holds. */
  const replace = (old: Tokens, next: Tokens | undefined) =>
    exclusive('store', async () => {
      const current = await store.get();
      if (current?.refreshToken !== old.refreshToken) return { isReplaced: false, tokens: current };
      await store.set(next);
      return { isReplaced: true, tokens: next };
    });

  /**
   * An answer may be lost when the server has taken the token already. It takes its parent for ten more
   * seconds, so the second request must come well within them; much later it would end the session.
   */
  async function exchange(tokens: Tokens): Promise<Tokens> {
    try {
      return await rotate(tokens, true);
    } catch (error) {
      if (!isLost(error)) throw error;
      return rotate(tokens, false);
    }
  }

  async function refresh(dead: Tokens): Promise<Tokens | undefined> {
    const current = await store.get();
    if (current?.accessToken !== dead.accessToken) return ofLogin(dead, current);
    const next = await exchange(current).catch(refusalOf);
    const isOver = next instanceof ProblemError;
    const { isReplaced, tokens } = await replace(current, isOver ? undefined : next);
    if (!isOver || !isReplaced) return ofLogin(dead, tokens);
    onSignedOut(next);
    throw next;
  }

  return {
    read: async () => store.get(),
    begin: (tokens) => exclusive('store', async () => store.set(tokens)),
    end: () =>
      exclusive('store', async () => {
        const tokens = await store.get();
        await store.set(undefined);
        return tokens;
      }),
    exchange,
    renew(dead) {
      if (flight?.of !== dead.accessToken) {
        const tokens = exclusive('refresh', () => refresh(dead)).finally(() => {
          if (flight?.tokens === tokens) flight = undefined;
        });
        flight = { of: dead.accessToken, tokens };
      }
      return flight.tokens;
    },
  };
}

/** A call that one user began is not finished in the name of another. */
const ofLogin = ({ login }: Tokens, other: Tokens | undefined): Tokens | undefined =>
  other?.login === login ? other : undefined;

/** A proxy's page may stand where the answer was. */
const isLost = (error: unknown): boolean =>
  error instanceof NetworkError ||
  (error instanceof ProblemError && error.code === 'unexpected_answer');

/** Whether the server will never take the token. One that was damaged may be invalid input to it. */
export const isRefusal = (error: unknown): error is ProblemError =>
  error instanceof ProblemError &&
  (error.code === 'invalid_refresh_token' || error.code === 'validation_failed');

function refusalOf(error: unknown): ProblemError {
  if (isRefusal(error)) return error;
  throw error;
}
