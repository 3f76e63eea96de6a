import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { DEMO_USER } from '../../src/features/sign-up/demo-user.ts';
import { emptyFolder, SERVERS, type ServerName, startServer } from '../support/server.ts';

const names = Object.keys(SERVERS) as ServerName[];

const LOGIN = [
  'POST /auth/login HTTP/1.1',
  'Host: localhost',
  'Content-Type: application/x-www-form-urlencoded',
  '',
].join('\r\n');
const BODY = new URLSearchParams({
  username: DEMO_USER.phone.entered,
  password: DEMO_USER.password,
}).toString();
const REQUEST = `${LOGIN}Content-Length: ${BODY.length}\r\n\r\n${BODY}`;

/** Sends a signal to a server and waits until it accepts no more connections. */
async function tell(
  server: { kill(signal: NodeJS.Signals): void },
  port: string,
  signal: NodeJS.Signals,
) {
  server.kill(signal);
  while (await connects(port)) await delay(20);
}

describe.each(names)('%s, when it stops', (name) => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '[S37] on %s, completes requests in flight, rejects new ones and exits with 0 within 10 s',
    async (signal) => {
      // A password hash so expensive that the login is still in flight when the signal arrives.
      const server = await startServer(name, emptyFolder(), { PASSWORD_ROUNDS: '20' });
      const { port } = new URL(server.baseUrl);
      const idle = await open(port);
      const underWay = await open(port);
      const answer = readAll(underWay);
      underWay.write(REQUEST);
      await delay(100);

      const told = Date.now();
      await tell(server, port, signal);
      expect(await answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*access_token/);
      expect(await server.exit).toBe(0);
      expect(Date.now() - told).toBeLessThan(10_000);
      idle.destroy();
    },
  );

  test('[S37] exits even if a client never completes its request', async () => {
    const server = await startServer(name, emptyFolder());
    const stuck = await open(new URL(server.baseUrl).port);
    stuck.on('error', () => {});
    stuck.write('POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nx');
    await delay(200);
    const told = Date.now();
    server.kill('SIGTERM');
    expect(await server.exit).toBe(0);
    expect(Date.now() - told).toBeLessThan(10_000);
    stuck.destroy();
  });
});

// Not Deno, which aborts a body that is still arriving when it stops.
describe.each(['node', 'bun'] as const)('%s, when it stops', (name) => {
  test('[S37] in the middle of a request, receives the rest of the request and responds', async () => {
    const server = await startServer(name, emptyFolder());
    const { port } = new URL(server.baseUrl);
    const underWay = await open(port);
    const answer = readAll(underWay);
    underWay.write(REQUEST.slice(0, -10));
    await delay(200);
    await tell(server, port, 'SIGTERM');
    underWay.write(REQUEST.slice(-10));
    expect(await answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*access_token/);
    expect(await server.exit).toBe(0);
  });
});

function open(port: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}

async function connects(port: string): Promise<boolean> {
  try {
    (await open(port)).destroy();
    return true;
  } catch {
    return false;
  }
}

/** Reads until a complete response has arrived or the connection ends. */
function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('}')) resolve(text);
    });
    socket.on('close', () => resolve(text));
    socket.on('error', () => resolve(text));
  });
}
