import { type IncomingMessage, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { Readable } from 'node:stream';

/** Statuses whose responses have no body: https://fetch.spec.whatwg.org/#null-body-status */
const NULL_BODY_STATUSES: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Sends a request without a body, as `fetch` does, but exactly once and over its own connection. Follows no redirects.
 * Does not ask for a `Content-Encoding` and decodes none. As with all of `node:https`, `NODE_EXTRA_CA_CERTS` adds
 * certificate authorities, and proxy settings have no effect.
 *
 * @throws TypeError if no response arrives, with the error of the connection as its cause; RangeError if the status is
 * not between 200 and 599
 */
export const fetchBodiless = ({ url, method, headers, signal }: Request): Promise<Response> =>
  new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? overHttps : overHttp;
    const options = { method, headers: Object.fromEntries(headers), agent: false, signal };
    const outgoing = send(url, options, (incoming) => {
      try {
        resolve(toResponse(incoming));
      } catch (error) {
        outgoing.destroy();
        reject(error);
      }
    });
    outgoing.on('error', (cause) => reject(new TypeError('fetch failed', { cause }))).end();
  });

/** @throws RangeError if the status is not between 200 and 599 */
function toResponse(incoming: IncomingMessage): Response {
  // A response always has a status. The type allows `undefined` because it also describes incoming requests.
  const status = incoming.statusCode as number;
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  if (NULL_BODY_STATUSES.has(status)) {
    incoming.resume();
    return new Response(null, { status, headers });
  }
  // Node's types declare a separate class of web streams, but at run time it is the global class.
  const body = Readable.toWeb(incoming) as ReadableStream<Uint8Array<ArrayBuffer>>;
  return new Response(body, { status, headers });
}
