import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEMO_USER } from '../../src/features/sign-up/demo-user.ts';
import { freshCopy, npmRun } from '../support/npm-run.ts';

test('npm run dev:worker creates its own secret, readable only by its owner, and keeps it', async () => {
  const folder = freshCopy();
  const { server } = await npmRun(folder, 'dev:worker');
  await server.stop();
  const settings = join(folder, '.dev.vars');
  expect(statSync(settings).mode & 0o777).toBe(0o600);
  const text = readFileSync(settings, 'utf8');
  expect(text).toMatch(/^APP_ENV=development\nSECRET_KEY=[\w-]{64}\n$/);
  await (await npmRun(folder, 'dev:worker')).server.stop();
  expect(readFileSync(settings, 'utf8')).toBe(text);
});

test('[S50] npm run dev:worker on a network omits the demo user and reports it', async () => {
  const { server, api } = await npmRun(freshCopy(), 'dev:worker', { HOST: '0.0.0.0' });
  const { phone, password } = DEMO_USER;
  expect((await api.logIn(phone.entered, password)).status).toBe(400);
  expect(server.output()).toContain('No demo user: the network can reach 0.0.0.0.');
});
