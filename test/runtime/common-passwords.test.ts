import { copyFileSync, cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMON_PASSWORDS_FILE } from '../../src/features/passwords/common-passwords.ts';
import { DEMO_USER } from '../../src/features/sign-up/demo-user.ts';
import { Api } from '../support/api.ts';
import { emptyFolder, SERVERS, startServer } from '../support/server.ts';
import { ROOT } from '../support/targets.ts';

/** Installs the build for Node in a folder without static files. */
function installWithoutAssets(): string {
  const root = emptyFolder();
  cpSync(join(ROOT, 'dist/runtime'), join(root, 'dist/runtime'), { recursive: true });
  for (const name of ['node_modules', 'drizzle', 'package.json']) {
    symlinkSync(join(ROOT, name), join(root, name));
  }
  return root;
}

test('[S4] without the list of common passwords, a server accepts no new password until the file exists', async () => {
  const root = installWithoutAssets();
  const node = () => [process.execPath, join(root, 'dist/runtime/node.js')];
  const server = await startServer('node', emptyFolder(), {}, { ...SERVERS, node });
  const api = new Api(server.baseUrl);
  const { phone, password } = DEMO_USER;
  const token = String((await api.logIn(phone.entered, password)).at('access_token'));
  const requests = [
    ['/auth/signup', { email: 'ada@example.com', password: 'analytical engine' }],
    ['/api/v1/auth/signup', { phone: '9876543210', password: 'analytical engine' }],
    ['/auth/password/change', { current_password: password, new_password: 'analytical engine' }],
  ] as const;
  const send = async () => {
    const statuses: number[] = [];
    for (const [path, body] of requests) {
      const answer = await api.json('POST', path, body, { Authorization: `Bearer ${token}` });
      statuses.push(answer.status);
    }
    return statuses;
  };
  expect(await send()).toEqual([503, 503, 503]);
  expect((await api.logIn('ada@example.com', 'analytical engine')).status).toBe(400);
  expect((await api.logIn(phone.entered, password)).status).toBe(200);
  expect(server.output()).toContain(`public/${COMMON_PASSWORDS_FILE}`);

  const target = join(root, 'public', COMMON_PASSWORDS_FILE);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join(ROOT, 'public', COMMON_PASSWORDS_FILE), target);
  expect(await send()).toEqual([201, 201, 200]);
});
