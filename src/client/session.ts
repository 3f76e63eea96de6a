import { settlesWithin } from './deadline.ts';
import { NetworkError, ProblemError } from './errors.ts';
import type { Exclusive } from './exclusive.ts';
import type { KeptTokens } from './kept-tokens.ts';
import type { AbortSignalLike } from './platform.ts';
import type { Tokens } from './tokens.ts';

interface SessionOptions {
  readonly store: KeptTokens;
  /** One change of the store at a time. */
  readonly storing: Exclusive;
  /** One refresh at a time, of all who share the store. */
  readonly refreshing: Exclusive;
  /** Asks the server once for the tokens that follow. */
  readonly rotate: (tokens: Tokens) => Promise<Tokens>;
  readonly onSignedOut: (error: ProblemError) => void;
}

/** The login that the store holds, and how it is kept alive. */
export interface Session {
  read(): Promise<Tokens | undefined>;
  /**
   * Stores a new login, whatever is in flight for an old one. Returns whether it did: what is not
   * wanted any more, at the latest when it has been written, leaves the store as it was.
   */
  begin(tokens: Tokens, isWanted: () => boolean): Promise<boolean>;
  /** Forgets the login. Returns what was there. */
  end(): Promise<Tokens | undefined>;
  /** Gets the tokens that follow, stored or not. */
  exchange(tokens: Tokens): Promise<Tokens>;
  /**
   * Returns tokens to use instead of these: newer ones of the store, or else refreshed ones, by one refresh
   * however many ask. `undefined` where the store holds this login no more, or the signal is aborted.
   *
   * @throws ProblemError `invalid_refresh_token` where the login is over, and then the store is empty;
   *   any other failure leaves the store as it is
   */
  renew(dead: Tokens, signal: AbortSignalLike): Promise<Tokens | undefined>;
  /** To be called with the failure of a call that found no login: another tab may have ended it. */
  miss(error: ProblemError): Promise<void>;
}

interface Flight {
  readonly of: string;
  readonly since: number;
  readonly tokens: Promise<Tokens | undefined>;
}

/** The maximum age of a refresh by another tab: a second more than the lock's timeout. */
const MAX_FLIGHT_MS = 5000;

export function createSession(options: SessionOptions): Session {
  const { store, storing, refreshing, rotate, onSignedOut } = options;
  let flight: Flight | undefined;
  /** The login that was there last. */
  let seen: string | undefined;
  /** The last one that was left, or whose end was told. */
  let over: string | undefined;

  async function read(): Promise<Tokens | undefined> {
    const tokens = await store.get();
    seen = tokens?.login ?? seen;
    return tokens;
  }

  function tell(error: ProblemError): void {
    if (seen === over) return;
    over = seen;
    onSignedOut(error);
  }

  /** Replaces these tokens and no others. Returns what the store then holds. */
  const replace = (old: Tokens, next: Tokens | undefined) =>
    storing(async () => {
      const current = await store.get();
      if (current?.refreshToken !== old.refreshToken) return { isReplaced: false, tokens: current };
      await store.set(next);
      return { isReplaced: true, tokens: next };
    });

  async function refresh(dead: Tokens): Promise<Tokens | undefined> {
    const current = await read();
    if (current?.accessToken !== dead.accessToken) return ofLogin(dead, current);
    const next = await rotate(current).catch(refusalOf);
    const isOver = next instanceof ProblemError;
    const { isReplaced, tokens } = await replace(current, isOver ? undefined : next);
    if (!isOver || !isReplaced) return ofLogin(dead, tokens);
    tell(next);
    throw next;
  }

  function takeOff(dead: Tokens): Promise<Tokens | undefined> {
    // The second try looks into the store again: this tab may have slept while another one refreshed.
    const tokens = refreshing(() => twice(() => refresh(dead))).finally(() => {
      if (flight?.tokens === tokens) flight = undefined;
    });
    flight = { of: dead.accessToken, since: Date.now(), tokens };
    return tokens;
  }

  return {
    read,
    async begin(tokens, isWanted) {
      const before = await storing(async () => {
        const current = await read();
        if (isWanted()) await store.set(tokens);
        return current;
      });
      if (!isWanted()) {
        await replace(tokens, before);
        return false;
      }
      seen = tokens.login;
      return true;
    },
    end: () =>
      storing(async () => {
        const tokens = await read();
        over = seen;
        await store.set(undefined);
        return tokens;
      }),
    exchange: (tokens) => twice(() => rotate(tokens)),
    async renew(dead, signal) {
      while (!signal.aborted) {
        const wait = flight ? Math.min(0, flight.since - Date.now()) + MAX_FLIGHT_MS : 0;
        if (flight?.of !== dead.accessToken || wait <= 0) return takeOff(dead);
        const { tokens } = flight;
        if (await settlesWithin(wait, tokens)) return tokens;
      }
      return undefined;
    },
    async miss(error) {
      if (!(await read())) tell(error);
    },
  };
}

/** A call that one user began is not finished in the name of another. */
const ofLogin = ({ login }: Tokens, other: Tokens | undefined): Tokens | undefined =>
  other?.login === login ? other : undefined;

/**
 * An answer may be lost when the server has taken the token already. It takes its parent for ten more
 * seconds, so the second request must come well within them; much later it would end the session.
 */
const twice = <Result>(attempt: () => Promise<Result>): Promise<Result> =>
  attempt().catch((error: unknown) => {
    if (!isLost(error)) throw error;
    return attempt();
  });

/** True if the server may have done it all the same. A proxy's page may stand where the answer was. */
const isLost = (error: unknown): boolean =>
  error instanceof NetworkError ||
  (error instanceof ProblemError && (error.code === 'unexpected_answer' || error.status >= 500));

/** True if the server will never take the token. One that was damaged may be invalid input to it. */
export const isRefusal = (error: unknown): error is ProblemError =>
  error instanceof ProblemError &&
  (error.code === 'invalid_refresh_token' || error.code === 'validation_failed');

function refusalOf(error: unknown): ProblemError {
  if (isRefusal(error)) return error;
  throw error;
}
