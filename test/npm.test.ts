import { expect, onTestFinished, test, vi } from 'vitest';
import { installPackages } from '../scripts/npm.ts';
import { emptyFolder } from './support/server.ts';

test('without a network, the error of an installation names the registry', async () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('npm_config_registry', 'http://127.0.0.1:9/');
  vi.stubEnv('npm_config_fetch_retries', '0');
  await expect(installPackages(emptyFolder(), { hono: '4.13.19' }, '1 MB')).rejects.toThrow(
    /^No network: the npm registry http:\/\/127\.0\.0\.1:9\/ cannot be reached \(ECONNREFUSED\)\./,
  );
});
