import { afterAll, beforeAll, describe } from 'vitest';
import { legacyUserLogins } from '../conformance/legacy.ts';
import { Api } from '../support/api.ts';
import { startTarget, type Target, type TargetName } from '../support/targets.ts';

const TARGETS: readonly TargetName[] = ['node', 'bun', 'deno', 'workerd-d1', 'workerd-libsql'];

// The conformance suite logs in with a cheap hash of each scheme; the environment of this project adds the others.
describe.each(TARGETS)('%s', (name) => {
  let target: Target;
  let api: Api;
  beforeAll(async () => {
    target = await startTarget(name);
    api = new Api(target.baseUrl);
  });
  afterAll(() => target?.stop());
  legacyUserLogins(() => api);
});
