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
  /** What `HIBP_URL` is set to. */
  readonly url: string;
  /** What has been asked, in order. */
  readonly requests: { readonly url: string; readonly headers: IncomingHttpHeaders }[];
}

export const sha1 = (password: string): string =>
  createHash('sha1').update(password).digest('hex').toUpperCase();

/** 800 lines of no meaning, as the API pads its answers. */
const padding = Array.from(
  { length: 800 },
  () => `${randomBytes(18).toString('hex').slice(0, 35).toUpperCase()}:0`,
);

/**
 * A range API of our own, over HTTP, for one test: it knows these passwords, each with how often it was
 * seen.
 *
 * @param answer in the place of that, for an API that is not as it should be
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
  const { port } = server.address() as AddressInfo; // it listens on a port, not on a pipe
  return { url: `http://127.0.0.1:${port}/range/`, requests };
}
