import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { Readable } from 'node:stream';

/** https://fetch.spec.whatwg.org/#null-body-status */
const NULL_BODY_STATUSES: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Sends a request without a body as `fetch` does, but exactly once and over its own connection. Follows no redirect
 * and decodes no `Content-Encoding`: it does not ask for one. As in all of `node:https`, `NODE_EXTRA_CA_CERTS` adds
 * certificate authorities, and proxy settings have no effect.
 *
 * @throws TypeError if no response arrives, with the error of the connection as its cause
 */
export const fetchBodiless = ({ url, method, headers, signal }: Request): Promise<Response> =>
  new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? overHttps : overHttp;
    const options = { method, headers: Object.fromEntries(headers), agent: false, signal };
    const outgoing = send(url, options, (incoming) => {
      // A response has a status; only the type of incoming requests leaves it out.
      const status = incoming.statusCode as number;
      const fields = Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
        values.map((value): [string, string] => [name, value]),
      );
      // Node declares its own class of web streams, which is the global one.
      const body = Readable.toWeb(incoming) as ReadableStream<Uint8Array<ArrayBuffer>>;
      const init = { status, headers: fields };
      resolve(new Response(NULL_BODY_STATUSES.has(status) ? null : body, init));
    });
    outgoing.on('error', (cause) => reject(new TypeError('fetch failed', { cause }))).end();
  });
