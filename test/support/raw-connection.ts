import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/** A connection and the bytes that were received on it. */
export interface RawConnection {
  readonly socket: Socket;
  /** The received bytes, one character per byte. */
  received(): string;
  isOpen(): boolean;
}

interface RawOptions {
  /** The local address, such as 127.0.0.2. To the limits, each address is a different client. */
  readonly from?: string;
  /** If true, reads nothing from the connection. */
  readonly isDeaf?: boolean;
}

/** Connects and sends text. Destroys the connection when the test ends. */
export async function openWith(
  baseUrl: string,
  sent: string,
  { from, isDeaf = false }: RawOptions = {},
): Promise<RawConnection> {
  const { port } = new URL(baseUrl);
  const socket = await new Promise<Socket>((resolve, reject) => {
    const local = from === undefined ? {} : { localAddress: from };
    const opened = connect({ port: Number(port), host: '127.0.0.1', ...local }, () =>
      resolve(opened),
    );
    opened.once('error', reject);
  });
  onTestFinished(() => void socket.destroy());
  let received = '';
  let isOpen = true;
  socket.on('error', () => {});
  socket.once('close', () => {
    isOpen = false;
  });
  if (isDeaf) socket.pause();
  else {
    socket.setEncoding('latin1').on('data', (text: string) => {
      received += text;
    });
  }
  socket.write(sent, 'latin1');
  return { socket, received: () => received, isOpen: () => isOpen };
}

/** Connects, sends text and resets the connection at once, so that the server sees all three events together. */
export async function sendAndReset(baseUrl: string, sent: string, from?: string): Promise<void> {
  const { socket } = await openWith(baseUrl, sent, from === undefined ? {} : { from });
  socket.resetAndDestroy();
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(20);
}

/** Formats an HTTP/1.1 request, with a `Content-Length` if it has a body. */
export function rawText(requestLine: string, headers: readonly string[] = [], body = ''): string {
  const length = body === '' ? [] : [`Content-Length: ${body.length}`];
  return [`${requestLine} HTTP/1.1`, 'Host: localhost', ...headers, ...length, '', body].join(
    '\r\n',
  );
}
