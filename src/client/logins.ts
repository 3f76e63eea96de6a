import { reasonOf } from './deadline.ts';
import type { Devices } from './devices.ts';
import type { AnyAnswer, HttpRequest, Send } from './http.ts';
import { newLoginName, readTokens } from './new-tokens.ts';
import type { CallOptions } from './operation.ts';
import type { AbortSignalLike } from './platform.ts';
import type { Session } from './session.ts';
import type { Tokens } from './tokens.ts';

/** The status of a sign-up that starts no session: the rest is in a message. */
export const ACCEPTED = 202;

type Task<Result> = (signal: AbortSignalLike) => Promise<Result>;

/** A login or a sign-up to send. */
interface NewLogin {
  /** The name of the account as typed; `undefined` if only the server knows it. */
  readonly name: string | undefined;
  /** Builds the request. @param device the token of this device, if the account has logged in on it */
  readonly build: (device: string | undefined) => HttpRequest;
}

interface LoginParts {
  readonly send: Send;
  readonly devices: Devices;
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
    login: NewLogin,
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

export function createLogins(parts: LoginParts): Logins {
  const { send, devices, session, endSession, runCall } = parts;
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

    start({ name, build }, options, read = readTokens) {
      const isCurrent = watch();
      return runCall(options, async (signal) => {
        const answer = await send(build(await devices.ofAccount(name)), signal);
        const isWanted = () => !signal.aborted && isCurrent();
        if (answer.status === ACCEPTED) return answer;
        const tokens = read(answer, newLoginName());
        await begin(tokens, isWanted);
        await devices.keep(answer, tokens.login, name);
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
      await devices.keep(answer, next.login);
      return answer;
    },

    updating: (task) => async (signal) => {
      const tokens = await session.read();
      const answer = await task(signal);
      // The session is the same one, so there is none to end if the login is no longer kept here.
      if (tokens && !(await session.update(tokens, readTokens(answer, tokens.login)))) {
        throw reasonOf(undefined);
      }
      if (tokens) await devices.keep(answer, tokens.login);
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
