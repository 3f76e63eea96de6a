import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { DEMO_USER } from '../../src/features/sign-up/demo-user.ts';
import type { Part } from './suite.ts';

const ABORTS = 25;

/** Aborts more requests than may be in flight per client, so that leaked slots would block the next request. */
export const abortedFirstRequest: Part = (api) => {
  test(`[S39] after ${ABORTS} aborted requests, the first ones that the server receives, the next requests do not hang`, async () => {
    const { hostname, port } = new URL(api().baseUrl);
    const body = new URLSearchParams({ username: 'nobody@example.com', password: 'whatever' });
    const request = [
      'POST /auth/login HTTP/1.1',
      `Host: ${hostname}:${port}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.toString().length}`,
      '',
      body.toString(),
    ].join('\r\n');

    for (let i = 0; i < ABORTS; i++) {
      // Two thirds abort after the whole request, one third in the middle of the body.
      const sent = i % 3 === 2 ? request.slice(0, -5) : request;
      await new Promise<void>((resolve, reject) => {
        const socket = connect(Number(port), hostname, () => {
          socket.write(sent, () => {
            // Long enough for the work to start, too short for it to finish.
            void delay(i % 5).then(() => socket.resetAndDestroy());
          });
        });
        socket.once('error', reject);
        socket.once('close', () => resolve());
      });
    }

    const answers = await Promise.all([
      api().get('/readyz', {}),
      api().logIn(DEMO_USER.phone.entered, DEMO_USER.password),
      api().get('/healthz', {}),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  }, 30_000);
};
