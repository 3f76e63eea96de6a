import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly content: string;
}

type Answer = (response: ServerResponse, request: ReceivedRequest) => void;

/** Starts a stand-in for an HTTP provider of messages, and closes it when the test ends. */
export async function startProvider(initial: Answer = (response) => response.writeHead(200).end()) {
  const requests: ReceivedRequest[] = [];
  const provider = { answer: initial };
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request;
    const received = { method, path, headers, content: await text(request) };
    requests.push(received);
    provider.answer(response, received);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return { requests, provider, url: `http://127.0.0.1:${address.port}` };
}

/** Answers with a status and a JSON body. */
export const withJson =
  (status: number, body: unknown): Answer =>
  (response) =>
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
