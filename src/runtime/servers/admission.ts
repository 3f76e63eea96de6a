import type { Env } from '../../core/http/env.ts';
import type { Serve } from './server-runtime.ts';
import type { UnsentAnswers } from './unsent-answers.ts';

/** Answers a request, with what the runtime says of it. */
type Answer = (request: Request, bindings: Env['Bindings']) => Response | Promise<Response>;

/**
 * Counts the requests under way, and marks those that come while there are too many, or while the process
 * lags behind. The app refuses what is marked: there it has a request id, CORS and a line in the log.
 *
 * A request counts until its answer is ready and, where the runtime can tell, half until its answer is out: an
 * answer that waits for its client holds memory and no processor.
 *
 * @param maxInFlight how many may be under way
 * @param isLagging whether the process is drowning in what it has taken on
 * @param unsent answers that wait for their clients
 */
export const createAdmission = (
  maxInFlight: number,
  isLagging: () => boolean,
  unsent: UnsentAnswers,
): ((answer: Answer) => Serve) => {
  let inFlight = 0;
  return (answer) => async (request, clientAddress, outgoing) => {
    const connection = outgoing?.req.socket;
    const isOverloaded =
      inFlight + unsent.count / 2 >= maxInFlight ||
      isLagging() ||
      (outgoing !== undefined && unsent.isTooFarAhead(outgoing));
    if (isOverloaded) return answer(request, { clientAddress, isOverloaded, connection });
    inFlight++;
    try {
      return await answer(request, { clientAddress, isOverloaded, connection });
    } finally {
      inFlight--;
    }
  };
};
