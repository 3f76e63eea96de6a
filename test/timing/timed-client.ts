import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** A request, ready to go out. */
export interface Call {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Timed {
  /** From the first byte sent to the last one received, in milliseconds. */
  readonly ms: number;
  readonly status: number;
  /** The answer to the letter, with nothing in it that is another one each time by design. */
  readonly comparable: string;
}

/** One connection that is kept, so that no try pays for a new one. */
export interface TimedClient {
  send(call: Call): Promise<Timed>;
  close(): void;
}

/** `node:http` and not `fetch`, which has its own queue and shows no header as it was sent. */
export function createTimedClient(baseUrl: string): TimedClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    async send({ path, headers, body }) {
      const url = new URL(path, baseUrl);
      const begun = performance.now();
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        request(url, { agent, method: 'POST', headers }, resolve).once('error', reject).end(body);
      });
      const received = await text(response);
      const ms = performance.now() - begun;
      const { statusCode: status = 0, rawHeaders } = response;
      return { ms, status, comparable: comparable(status, rawHeaders, received) };
    },
    close: () => agent.destroy(),
  };
}

/** Status line, headers in their order and spelling, body; without the id of the request and the time. */
export function comparable(status: number, rawHeaders: readonly string[], body: string): string {
  const lines = [String(status)];
  let requestId = '';
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = rawHeaders.slice(i, i + 2);
    if (name.toLowerCase() === 'x-request-id') requestId = value;
    const shown = name.toLowerCase() === 'date' ? '(time)' : value;
    lines.push(`${name}: ${shown}`);
  }
  const all = `${lines.join('\n')}\n\n${body}`;
  return requestId === '' ? all : all.replaceAll(requestId, '(request id)');
}
