import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A server that speaks only as much of PostgreSQL as a login needs. */
export interface StubDatabase {
  readonly port: number;
  /** What clients have sent, as Latin-1, in order. */
  readonly received: string[];
}

/** The code of a request for TLS, in place of a protocol version. */
const SSL_REQUEST = 80_877_103;
const CLEARTEXT_PASSWORD = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);

function errorOf(message: string): Buffer {
  const fields = Buffer.from(`SERROR\0VERROR\0CXX000\0M${message}\0\0`);
  const head = Buffer.from([0x45, 0, 0, 0, 0]);
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** Starts a PostgreSQL server without TLS that asks for a password, and then fails with a message. */
export async function startStubPostgres(message = 'stub'): Promise<StubDatabase> {
  const received: string[] = [];
  return listening(received, (socket) => {
    let isStarted = false;
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk.toString('latin1'));
      if (!isStarted && chunk.readUInt32BE(4) === SSL_REQUEST) socket.write('N');
      else if (isStarted) socket.end(errorOf(message));
      else {
        isStarted = true;
        socket.write(CLEARTEXT_PASSWORD);
      }
    });
  });
}

async function listening(
  received: string[],
  serve: (socket: Socket) => void,
): Promise<StubDatabase> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    serve(socket);
  }).listen(0);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, received };
}
