import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';

interface StubOptions {
  /** With which the server fails after the login. */
  readonly message?: string;
  /** Without one, the server has no TLS. */
  readonly tls?: { readonly key: string | Buffer; readonly cert: string | Buffer };
}

/** A server that speaks only as much of PostgreSQL as a login needs. */
export interface StubDatabase {
  readonly port: number;
  /** What clients have sent, as Latin-1, in order. */
  readonly received: readonly string[];
}

/** The code of a request for TLS, in place of a protocol version. */
const SSL_REQUEST = 80_877_103;
const CLEARTEXT_PASSWORD = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);

/** Starts a PostgreSQL server that asks for a password, and then fails. */
export async function startStubPostgres({
  message = 'stub',
  tls,
}: StubOptions = {}): Promise<StubDatabase> {
  const received: string[] = [];

  function logIn(socket: Socket): void {
    let isStarted = false;
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk.toString('latin1'));
      if (isStarted) socket.end(errorOf(message));
      else if (chunk.readUInt32BE(4) === SSL_REQUEST) socket.end('N');
      else socket.write(CLEARTEXT_PASSWORD);
      isStarted = true;
    });
  }

  const server = createServer((socket) => {
    socket.on('error', () => {});
    if (tls === undefined) return logIn(socket);
    socket.once('data', () => {
      const secure = new TLSSocket(socket, { isServer: true, ...tls });
      secure.on('error', () => {});
      logIn(secure);
      socket.write('S');
    });
  }).listen(0);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, received };
}

function errorOf(message: string): Buffer {
  const fields = Buffer.from(`SERROR\0VERROR\0CXX000\0M${message}\0\0`);
  const head = Buffer.from([0x45, 0, 0, 0, 0]);
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
