import { createHash, randomBytes } from 'node:crypto';
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface RangeServer {
  /** The value for `HIBP_URL`. */
  readonly url: string;
  /** The requests so far, in order. */
  readonly requests: { readonly url: string; readonly headers: IncomingHttpHeaders }[];
}

export const sha1 = (password: string): string =>
  createHash('sha1').update(password).digest('hex').toUpperCase();

/** 800 random lines with count 0, like the padding of the real API. */
const padding = Array.from(
  { length: 800 },
  () => `${randomBytes(18).toString('hex').slice(0, 35).toUpperCase()}:0`,
);

/**
 * Starts a local Pwned Passwords range API for one test.
 *
 * @param known the breached passwords, each with its count
 * @param answer sends a different response, to simulate a broken API
 */
export async function startRangeServer(
  known: Readonly<Record<string, number>>,
  answer?: (response: ServerResponse) => void,
): Promise<RangeServer> {
  const requests: RangeServer['requests'] = [];
  const listener: RequestListener = ({ url = '', headers }, response) => {
    requests.push({ url, headers });
    if (answer) return answer(response);
    const prefix = url.replace('/range/', '');
    const lines = Object.entries(known).flatMap(([password, count]) => {
      const digest = sha1(password);
      return digest.startsWith(prefix) ? [`${digest.slice(5)}:${count}`] : [];
    });
    const isPadded = headers['add-padding'] === 'true';
    response.setHeader('Content-Type', 'text/plain');
    response.end([...lines, ...(isPadded ? padding : [])].toSorted().join('\r\n'));
  };
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // The cast is safe: it listens on a port, not on a pipe.
  return { url: `http://127.0.0.1:${port}/range/`, requests };
}
