import { reasonOf } from './deadline.ts';
import type { AnyAnswer, HttpRequest, Send } from './http.ts';
import { newLoginName, readTokens } from './new-tokens.ts';
import type { CallOptions } from './operation.ts';
import type { AbortSignalLike } from './platform.ts';
import type { Session } from './session.ts';
import type { Tokens } from './tokens.ts';

/** The status of a sign-up that starts no session: the rest is in a message. */
export const ACCEPTED = 202;

type Task<Result> = (signal: AbortSignalLike) => Promise<Result>;

interface LoginParts {
  readonly send: Send;
  readonly session: Session;
  /** Asks the server to end the session of these tokens. */
  readonly endSession: (tokens: Tokens, signal: AbortSignalLike) => Promise<void>;
  /** Runs a task with the timeout and the signal of a call. */
  readonly runCall: <Result>(
    options: CallOptions | undefined,
    task: Task<Result>,
  ) => Promise<Result>;
}

/** The operations whose answers contain tokens to store. */
export interface Logins {
  /** Notes that the user logs out. It takes precedence over the logins in flight. */
  leave(): void;
  /** Returns a function that returns true until the user logs out. */
  watch(): () => boolean;
  /** Sends a login or a sign-up and stores the tokens in its answer. */
  start(
    login: HttpRequest,
    options: CallOptions | undefined,
    read?: typeof readTokens,
  ): Promise<AnyAnswer>;
  /** Wraps a task that changes the password: stores the tokens of the new session in its answer. */
  replacing(task: Task<AnyAnswer>): Task<AnyAnswer>;
  /** Wraps a task that re-authenticates: stores the access token in its answer. */
  updating(task: Task<AnyAnswer>): Task<AnyAnswer>;
  /** Wraps a task that deletes the account: deletes its tokens. */
  leaving(task: Task<AnyAnswer>): Task<AnyAnswer>;
}

export function createLogins({ send, session, endSession, runCall }: LoginParts): Logins {
  let logOuts = 0;

  /** Stores the tokens of a new session, or ends the session if `isWanted` is false by then. */
  async function begin(tokens: Tokens, isWanted: () => boolean): Promise<void> {
    if (await session.begin(tokens, isWanted)) return;
    // After an abort or a logout, this client must not log the user in, and the user's list of sessions must not show
    // this session.
    runCall(undefined, (own) => endSession(tokens, own)).catch(() => {});
    throw reasonOf(undefined);
  }

  function watch(): () => boolean {
    const before = logOuts;
    return () => logOuts === before;
  }

  return {
    leave() {
      logOuts += 1;
    },

    watch,

    start(login, options, read = readTokens) {
      const isCurrent = watch();
      return runCall(options, async (signal) => {
        const answer = await send(login, signal);
        const isWanted = () => !signal.aborted && isCurrent();
        if (answer.status !== ACCEPTED) await begin(read(answer, newLoginName()), isWanted);
        return answer;
      });
    },

    replacing: (task) => async (signal) => {
      const isCurrent = watch();
      const tokens = await session.read();
      const answer = await task(signal);
      // Keeps the id of the login, so that other calls of this user continue with the new tokens.
      const next = readTokens(answer, tokens?.login ?? newLoginName());
      await begin(next, isCurrent);
      return answer;
    },

    updating: (task) => async (signal) => {
      const tokens = await session.read();
      const answer = await task(signal);
      // The session is the same one, so there is none to end if the login is no longer kept here.
      if (tokens && !(await session.update(tokens, readTokens(answer, tokens.login)))) {
        throw reasonOf(undefined);
      }
      return answer;
    },

    leaving: (task) => async (signal) => {
      const tokens = await session.read();
      const answer = await task(signal);
      // Another user may have logged in meanwhile.
      if (tokens) await session.end(tokens.login);
      return answer;
    },
  };
}
