import { expect, test } from 'vitest';
import { rawBytes } from '../support/raw-request.ts';
import { emptyFolder, type ServerName, startServer } from '../support/server.ts';

const servers: ServerName[] = ['node', 'bun', 'deno'];

test.each(servers)('%s rejects a space between a field name and its colon', async (name) => {
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

test.each(servers)(
  '[S55] %s rejects two Host fields, and a Host field with two hosts',
  async (name) => {
    const server = await startServer(name, emptyFolder());
    const { port } = new URL(server.baseUrl);
    for (const hosts of [
      ['Host: a.example', 'Host: b.example'],
      ['Host: a.example', 'hOST: a.example'],
      ['Host: a.example, b.example'],
    ]) {
      for (const requestLine of [
        'GET /healthz',
        'POST /auth/refresh',
        'GET http://a.example/healthz',
      ]) {
        const request = [`${requestLine} HTTP/1.1`, ...hosts, 'Connection: close', '', ''].join(
          '\r\n',
        );
        const answer = await rawBytes('127.0.0.1', Number(port), request, 2000);
        expect([requestLine, hosts, answer]).toEqual([
          requestLine,
          hosts,
          expect.stringMatching(/^HTTP\/1\.1 400 /),
        ]);
      }
    }
    expect(server.output()).not.toContain('internal_error');
  },
);
