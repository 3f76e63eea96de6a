// Sends outgoing requests one after another, on the runtime that the first argument names. The second argument lists
// the requests as JSON. Prints the outcome of each request: its status, or the reason for its failure.
import { createOutbound, OutboundError } from '../../src/core/outbound.ts';
import type { ServerRuntime } from '../../src/runtime/servers/server-runtime.ts';

export interface Sent {
  readonly url: string;
  readonly method?: string;
  readonly body?: string;
  readonly expects?: number;
}

const [name = '', list = '[]'] = process.argv.slice(2);
// The cast is safe: each of these files exports a `runtime`.
const { runtime } = (await import(`../../src/runtime/servers/${name}-listen.ts`)) as {
  runtime: ServerRuntime;
};
const send = createOutbound(runtime.fetchOnce ?? fetch);

const outcomes: unknown[] = [];
for (const { url, ...init } of JSON.parse(list) as Sent[]) {
  try {
    outcomes.push((await send(url, { ...init, limitMs: 10_000, maxBytes: 1000 })).status);
  } catch (error) {
    outcomes.push(error instanceof OutboundError ? error.reason : 'failed');
  }
}
console.log(JSON.stringify(outcomes));
