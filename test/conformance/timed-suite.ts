import { afterAll, beforeAll, describe } from 'vitest';
import { TimedApi } from '../support/movable-clock/api.ts';
import { openPostOffice, type PostOffice } from '../support/post-office.ts';
import { startTimedTarget, type Target, type TargetName } from '../support/targets.ts';
import { keys } from './keys.ts';
import { lifetimes } from './lifetimes.ts';
import { limits } from './limits.ts';
import { lineages } from './lineages.ts';
import { expectNoFault } from './suite.ts';
import { timedMessages } from './timed-messages.ts';
import { algorithms, timedSettings } from './timed-settings.ts';

/** A part of the suite about time. It registers its tests, each of which creates an API with its own clock. */
export type TimedPart = (newApi: () => TimedApi) => void;

/** Registers the tests that span days. They test one target over HTTP. Its clock can be moved. */
export function describeTimes(name: TargetName): void {
  describe(`${name}, with a movable clock`, () => {
    let target: Target;
    let post: PostOffice;
    const apis: TimedApi[] = [];

    beforeAll(async () => {
      post = await openPostOffice();
      target = await startTimedTarget(name, {
        ...timedSettings,
        ...post.settings,
        ALGORITHM: algorithms[name],
      });
    });
    afterAll(async () => {
      await target?.stop();
      post?.close();
    });

    const newApi = (): TimedApi => {
      const api = new TimedApi(target.baseUrl);
      apis.push(api);
      return api;
    };
    const parts: Record<string, TimedPart> = {
      'lifetimes of sessions and tokens': lifetimes,
      'lineages of refresh tokens': lineages,
      'the key ring': keys,
      'limits and lockout': limits,
      'links and codes': (create) => timedMessages(create, () => post),
    };
    for (const [title, part] of Object.entries(parts)) describe(title, () => part(newApi));
    expectNoFault(
      () => target,
      () => apis,
    );
  });
}
