import { createServer, type IncomingHttpHeaders, request } from 'node:http';

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A request in flight. A fault handles it. */
interface Exchange {
  /** Sends the request to the server. Returns the response without passing it to the client. */
  forward(): Promise<Reply>;
  reply(reply: Reply): void;
  /** Announces the whole body in `Content-Length`, sends half of it and closes the connection. */
  replyHalf(reply: Reply): void;
  /** Closes the connection to the client. */
  cut(): void;
}

export type Fault = (exchange: Exchange) => void | Promise<void>;

/** No fault: forwards the request and the response. */
export const pass: Fault = async (exchange) => exchange.reply(await exchange.forward());

/** Closes the connection before the request reaches the server. */
export const cut: Fault = (exchange) => exchange.cut();

/** The server processes the request, but the client gets no response. */
export const loseAnswer: Fault = async (exchange) => {
  await exchange.forward();
  exchange.cut();
};

/** The client gets only half of the body. */
export const halfAnswer: Fault = async (exchange) => exchange.replyHalf(await exchange.forward());

/** The server processes the request, but the client gets a page of the proxy. */
export const page =
  (status: number, headers: IncomingHttpHeaders = {}, body = '<html>Bad gateway</html>'): Fault =>
  async (exchange) => {
    await exchange.forward();
    exchange.reply({
      status,
      headers: { 'content-type': 'text/html', ...headers },
      body: Buffer.from(body),
    });
  };

/** The server processes the request. The client gets the response when the promise settles. */
export const heldUntil =
  (release: Promise<unknown>): Fault =>
  async (exchange) => {
    const reply = await exchange.forward();
    await release;
    exchange.reply(reply);
  };

/** Applies the fault when the promise settles. */
export const after =
  (ready: Promise<unknown>, fault: Fault): Fault =>
  async (exchange) => {
    await ready;
    await fault(exchange);
  };

/** A real HTTP proxy that applies faults to chosen requests. */
export interface FaultProxy {
  readonly baseUrl: string;
  /** All requests so far, as `METHOD /path`. */
  readonly seen: string[];
  /** All requests whose whole response was passed on. */
  readonly answered: string[];
  count(what: string): number;
  /** Applies one fault to each of the next requests of this kind (`METHOD /path`). */
  next(what: string, ...faults: Fault[]): void;
  /** Removes the faults for this kind of request that have not been applied yet. Returns their number. */
  calm(what: string): number;
  close(): Promise<void>;
}

/** Where a proxy serves its target. */
interface ProxyPlace {
  /** A path, which the proxy removes. It answers 404 to all others. */
  readonly prefix?: string;
  readonly port?: number;
}

/** @param target its base URL */
export async function startFaultProxy(
  target: string,
  { prefix = '', port = 0 }: ProxyPlace = {},
): Promise<FaultProxy> {
  const seen: string[] = [];
  const answered: string[] = [];
  const faults = new Map<string, Fault[]>();
  const server = createServer(async (incoming, outgoing) => {
    const { method = '', url: path = '', headers } = incoming;
    if (!path.startsWith(`${prefix}/`)) {
      outgoing.writeHead(404).end();
      return;
    }
    const url = path.slice(prefix.length);
    const what = `${method} ${url.split('?')[0]}`;
    seen.push(what);
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part);
    const body = Buffer.concat(parts);
    const fault = faults.get(what)?.shift() ?? pass;
    await fault({
      forward: () => forward(target + url, method, headers, body),
      reply: (reply) =>
        outgoing
          .writeHead(reply.status, reply.headers)
          .end(reply.body, () => void answered.push(what)),
      replyHalf(reply) {
        outgoing.writeHead(reply.status, { ...reply.headers, 'content-length': reply.body.length });
        outgoing.write(reply.body.subarray(0, reply.body.length / 2), () => outgoing.destroy());
      },
      cut: () => outgoing.destroy(),
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    baseUrl: `http://127.0.0.1:${address.port}${prefix}`,
    seen,
    answered,
    count: (what) => seen.filter((other) => other === what).length,
    next: (what, ...more) => void faults.set(what, [...(faults.get(what) ?? []), ...more]),
    calm(what) {
      const left = faults.get(what)?.length ?? 0;
      faults.delete(what);
      return left;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const forward = (
  url: string,
  method: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers }, async (answer) => {
      const parts: Buffer[] = [];
      for await (const part of answer) parts.push(part);
      const { 'transfer-encoding': _, ...rest } = answer.headers;
      resolve({ status: answer.statusCode ?? 0, headers: rest, body: Buffer.concat(parts) });
    });
    outgoing.once('error', reject).end(body);
  });
