import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** A POST request. */
export interface Call {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Timed {
  /** Time from the start of the request to the last byte of the response, in milliseconds. */
  readonly ms: number;
  readonly status: number;
  /** The exact response, without the values that differ each time by design. */
  readonly comparable: string;
}

/** A client with one persistent connection, so that no try includes a handshake. */
export interface TimedClient {
  send(call: Call): Promise<Timed>;
  close(): void;
}

/** Uses `node:http`, because `fetch` has a queue of its own and does not expose the raw headers. */
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

/** Returns the status, the headers in their order and spelling, and the body, without the request id and the date. */
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
