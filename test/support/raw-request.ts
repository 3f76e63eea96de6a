import { connect } from 'node:net';

/** Sends a request as it stands, which no client library would. Returns the head of the answer. */
export function rawRequest(
  host: string,
  port: number,
  requestLine: string,
  body: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => {
      const headers = [
        `Host: ${host}:${port}`,
        `Content-Length: ${body.length}`,
        'Connection: close',
      ];
      socket.write([requestLine, ...headers, '', body].join('\r\n'));
    });
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(text));
  });
}
