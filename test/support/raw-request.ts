import { connect } from 'node:net';

/** Sends a request as it stands, which no client library would. Returns the head of the answer. */
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
 * Sends bytes and returns what came back: nothing, where the server hangs up.
 *
 * @param bytes a character a byte
 * @param idleLimitMs when to hang up on a server that waits for more itself; never, where it is not given
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
    // A server that hangs up before it has read all resets the connection.
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(text);
      else reject(error);
    });
    socket.once('close', () => resolve(text));
  });
}
