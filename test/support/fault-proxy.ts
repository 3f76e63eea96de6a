import { createServer, type IncomingHttpHeaders, request } from 'node:http';

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One request on its way, in the hands of a fault. */
interface Exchange {
  /** Lets the server do it. Returns the answer, which the client has not got yet. */
  forward(): Promise<Reply>;
  reply(reply: Reply): void;
  /** Announces the whole answer, gives half of it and ends the connection. */
  replyHalf(reply: Reply): void;
  /** Ends the connection. */
  cut(): void;
}

export type Fault = (exchange: Exchange) => void | Promise<void>;

/** Nothing is wrong with this one. */
export const pass: Fault = async (exchange) => exchange.reply(await exchange.forward());

/** The server never hears of it. */
export const cut: Fault = (exchange) => exchange.cut();

/** The server does it, and the client does not learn of it. */
export const loseAnswer: Fault = async (exchange) => {
  await exchange.forward();
  exchange.cut();
};

/** The answer breaks off in its body. */
export const halfAnswer: Fault = async (exchange) => exchange.replyHalf(await exchange.forward());

/** The server does it; the client gets an answer of a proxy's own. */
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

/** The server does it; the client gets the answer when the promise is settled. */
export const heldUntil =
  (release: Promise<unknown>): Fault =>
  async (exchange) => {
    const reply = await exchange.forward();
    await release;
    exchange.reply(reply);
  };

/** Does what the fault does, once the promise is settled. */
export const after =
  (ready: Promise<unknown>, fault: Fault): Fault =>
  async (exchange) => {
    await ready;
    await fault(exchange);
  };

/** A real HTTP proxy that spoils what it is told to. */
export interface FaultProxy {
  readonly baseUrl: string;
  /** Each request so far, as `METHOD /path`. */
  readonly seen: string[];
  count(what: string): number;
  /** The next requests of this kind, one each. */
  next(what: string, ...faults: Fault[]): void;
  /** Forgets the faults that have not come up. Returns how many there were. */
  calm(what: string): number;
  close(): Promise<void>;
}

export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const seen: string[] = [];
  const faults = new Map<string, Fault[]>();
  const server = createServer(async (incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    const what = `${method} ${url.split('?')[0]}`;
    seen.push(what);
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part);
    const body = Buffer.concat(parts);
    const fault = faults.get(what)?.shift() ?? pass;
    await fault({
      forward: () => forward(target + url, method, headers, body),
      reply: (reply) => outgoing.writeHead(reply.status, reply.headers).end(reply.body),
      replyHalf(reply) {
        outgoing.writeHead(reply.status, { ...reply.headers, 'content-length': reply.body.length });
        outgoing.write(reply.body.subarray(0, reply.body.length / 2), () => outgoing.destroy());
      },
      cut: () => outgoing.destroy(),
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    baseUrl: `http://127.0.0.1:${address.port}`,
    seen,
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
