import { connect } from 'node:net';

/**
 * Sends a request line and a body unchanged, even if client libraries would reject them. Returns the response as text.
 */
export function rawRequest(
  host: string,
  port: number,
  requestLine: string,
  body: string,
): Promise<string> {
  const headers = [`Host: ${host}:${port}`, `Content-Length: ${body.length}`, 'Connection: close'];
  return rawBytes(host, port, [requestLine, ...headers, '', body].join('\r\n'));
}

/**
 * Sends bytes. Returns the response, which is empty if the server closes the connection without one.
 *
 * @param bytes one character per byte
 * @param idleLimitMs closes the connection after this idle time, for a server that waits for more; default: never
 */
export function rawBytes(
  host: string,
  port: number,
  bytes: string,
  idleLimitMs?: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => void socket.write(bytes, 'latin1'));
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    if (idleLimitMs !== undefined) socket.setTimeout(idleLimitMs, () => socket.destroy());
    // A server that closes the connection before it has read everything causes a reset.
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(text);
      else reject(error);
    });
    socket.once('close', () => resolve(text));
  });
}
