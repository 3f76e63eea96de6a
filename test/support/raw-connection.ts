import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/** A connection that has sent something, and all that has come back on it. */
export interface RawConnection {
  readonly socket: Socket;
  /** A character a byte. */
  received(): string;
  isOpen(): boolean;
}

interface RawOptions {
  /** One of the machine's own addresses, such as 127.0.0.2: another client as far as limits are concerned. */
  readonly from?: string;
  /** Takes nothing of what comes back. */
  readonly isDeaf?: boolean;
}

/** Connects and sends this. The connection is gone when the test is. */
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

/** Connects, sends this, and resets the connection at once: the server hears of all three together. */
export async function sendAndReset(baseUrl: string, sent: string, from?: string): Promise<void> {
  const { socket } = await openWith(baseUrl, sent, from === undefined ? {} : { from });
  socket.resetAndDestroy();
}

export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(20);
}

/** A request as text, with a body where one is given. */
export function rawText(requestLine: string, headers: readonly string[] = [], body = ''): string {
  const length = body === '' ? [] : [`Content-Length: ${body.length}`];
  return [`${requestLine} HTTP/1.1`, 'Host: localhost', ...headers, ...length, '', body].join(
    '\r\n',
  );
}
