import type { Env } from '../../core/http/env.ts';
import type { Serve } from './server-runtime.ts';
import type { UnsentAnswers } from './unsent-answers.ts';

/** Answers a request. The runtime's information about the request is in the bindings. */
type Answer = (request: Request, bindings: Env['Bindings']) => Response | Promise<Response>;

/**
 * Counts in-flight requests, and flags requests that arrive while there are too many or while the event loop lags. The
 * app rejects flagged requests, so that a rejection has a request id, CORS headers and a log line.
 *
 * A request counts until its response is ready. On Node, a response that waits for its client counts half: it holds
 * memory but uses no processor.
 *
 * @param maxInFlight maximum number of in-flight requests
 * @param isLagging returns whether the event loop lags persistently
 * @param unsent responses that wait for their clients
 * @param load where the requests in flight are counted
 */
export const createAdmission =
  (
    maxInFlight: number,
    isLagging: () => boolean,
    unsent: UnsentAnswers,
    load = { inFlight: 0 },
  ): ((answer: Answer) => Serve) =>
  (answer) =>
  async (request, clientAddress, outgoing) => {
    const connection = outgoing?.req.socket;
    const isOverloaded =
      load.inFlight + unsent.count / 2 >= maxInFlight ||
      isLagging() ||
      (outgoing !== undefined && unsent.isPipelinedTooFar(outgoing));
    if (isOverloaded) return answer(request, { clientAddress, isOverloaded, connection });
    load.inFlight++;
    try {
      return await answer(request, { clientAddress, isOverloaded, connection });
    } finally {
      load.inFlight--;
    }
  };
