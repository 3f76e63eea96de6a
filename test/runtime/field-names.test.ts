import { expect, test } from 'vitest';
import { rawBytes } from '../support/raw-request.ts';
import { emptyFolder, type ServerName, startServer } from '../support/server.ts';

const servers: ServerName[] = ['node', 'bun', 'deno'];

test.each(servers)('%s refuses a space between a field name and its colon', async (name) => {
  const server = await startServer(name, emptyFolder());
  const { port } = new URL(server.baseUrl);
  for (const requestLine of ['GET /healthz', 'POST /auth/refresh']) {
    const request = [
      `${requestLine} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      'If-Match : "1"',
      '',
      '',
    ];
    const answer = await rawBytes('127.0.0.1', Number(port), request.join('\r\n'), 2000);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  }
  expect(server.output()).not.toContain('internal_error');
});
