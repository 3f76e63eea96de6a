import type { Env } from '../http/env.ts';
import type { Serve } from './server.ts';

/** What the app is told of a request, its address when it first asks. */
class Bindings {
  readonly isOverloaded: boolean;
  readonly #ask: () => string | undefined;
  #address: string | undefined;

  constructor(ask: () => string | undefined, isOverloaded: boolean) {
    this.#ask = ask;
    this.isOverloaded = isOverloaded;
  }

  get clientAddress(): string | undefined {
    // Once: a client that leaves meanwhile has none any more.
    this.#address ??= this.#ask();
    return this.#address;
  }
}

/** Answers a request, with what the runtime says of it. */
type Answer = (request: Request, bindings: Env['Bindings']) => Response | Promise<Response>;

/**
 * Counts the requests under way, and marks those that come while there are too many, or while the process
 * lags behind. The app refuses what is marked: there it has a request id, CORS and a line in the log.
 *
 * @param maxInFlight how many may be under way
 * @param isLagging whether the process is drowning in what it has taken on
 */
export const createAdmission = (
  maxInFlight: number,
  isLagging: () => boolean,
): ((answer: Answer) => Serve) => {
  let inFlight = 0;
  return (answer) => async (request, clientAddress) => {
    if (inFlight >= maxInFlight || isLagging()) {
      return answer(request, new Bindings(clientAddress, true));
    }
    inFlight++;
    try {
      return await answer(request, new Bindings(clientAddress, false));
    } finally {
      inFlight--;
    }
  };
};
