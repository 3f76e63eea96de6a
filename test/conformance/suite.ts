import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Api } from '../support/api.ts';
import { openPostOffice, type PostOffice } from '../support/post-office.ts';
import { startTarget, type Target, type TargetName } from '../support/targets.ts';
import { abortedFirstRequest } from './aborted-request.ts';
import { account } from './account.ts';
import { adminInput } from './admin-input.ts';
import { ADMIN_EMAIL, administration } from './administration.ts';
import { logIn, signUp } from './auth.ts';
import { avatars } from './avatars.ts';
import { callers } from './callers.ts';
import { devices } from './devices.ts';
import { documentCoverage } from './document.ts';
import { errors } from './errors.ts';
import { fuzzing } from './fuzz.ts';
import { http } from './http.ts';
import { legacyUserLogins } from './legacy.ts';
import { logInGuards } from './log-in-guards.ts';
import { messages } from './messages.ts';
import { newPasswords } from './new-passwords.ts';
import { phone } from './phone.ts';
import { profile } from './profile.ts';
import { races } from './races.ts';
import { reauthentication } from './reauthentication.ts';
import { sessionRaces } from './session-races.ts';
import { sessions } from './sessions.ts';
import { stories } from './stories.ts';
import { tokens } from './tokens.ts';
import { transcript } from './transcript.ts';

/** A part of the suite. It registers its tests; `api` is available once they run. */
export type Part = (api: () => Api) => void;

/**
 * Registers the conformance suite, which tests one target over HTTP. If the target does not start, every test fails
 * with an error that names it.
 */
export function describeConformance(name: TargetName): void {
  describe(name, () => {
    let target: Target;
    let api: Api;
    let post: PostOffice;

    beforeAll(async () => {
      post = await openPostOffice();
      target = await startTarget(name, { ...post.settings, ADMIN_EMAIL });
      api = new Api(target.baseUrl);
    });
    afterAll(async () => {
      await target?.stop();
      post?.close();
    });

    const parts: Record<string, Part> = {
      // Runs first, because it needs a server that has not received a request yet.
      'an aborted first request': abortedFirstRequest,
      'the two legacy clients': stories,
      'POST /auth/signup': signUp,
      'POST /auth/login': logIn,
      'login guards': logInGuards,
      '/profile/me': profile,
      '/profile/me/avatar and /avatars': avatars,
      '/api/v1': phone,
      'new passwords': newPasswords,
      'access tokens': tokens,
      'sessions and activity': sessions,
      'callers of every operation': callers,
      're-authentication': reauthentication,
      'known devices': devices,
      'verification, recovery and codes': (getApi) => messages(getApi, () => post),
      'deletion and export': (getApi) => account(getApi, () => post),
      'users of the replaced backends': legacyUserLogins,
      HTTP: http,
      errors,
      races,
      'races on a session': sessionRaces,
      'input of administrators': adminInput,
      // Takes the roles of those that other parts call by.
      administration: (getApi) => administration(getApi, () => post),
      'the transcript': transcript,
      // Runs last, because it compares all recorded responses with the document.
      'the document': documentCoverage,
    };
    for (const [title, part] of Object.entries(parts)) describe(title, () => part(() => api));

    // Runs after the document, because the fuzzer may provoke statuses that an operation does not document.
    describe('the fuzzer', () => fuzzing(name, () => target));

    expectNoFault(
      () => target,
      () => [api],
    );

    test('[S27] the server’s output contains no token, password, hash or address, and none of a message', () => {
      // In development, the server prints the demo login, whose password is public.
      const written = target.output().replace(/^Demo login: .*$/m, '');
      expect(written).toContain('"route":"/profile/me"');
      expect(written).not.toMatch(/eyJ[\w-]+\.eyJ/);
      expect(written).not.toMatch(/pbkdf2|\$2[aby]\$/);
      expect(written).not.toMatch(/analytical engine|to_share@123/);
      expect(written).not.toMatch(/@example\.com/);
      for (const token of post.tokens()) expect(written).not.toContain(token);
    });
  });
}

/** Registers the last test of a target. It checks the target's output and all recorded responses. */
export function expectNoFault(target: () => Target, apis: () => readonly Api[]): void {
  test('[S40] the guard on deriveBits was on, and no request caused an error in the server', () => {
    expect(target().output()).toContain('deriveBits guard: on');
    expect(target().output()).not.toContain('deriveBits guard: OFF');
    expect(target().output()).not.toContain('internal_error');
    const seen = apis().flatMap(({ observations }) => observations);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter(({ answer }) => answer.status >= 500)).toEqual([]);
  });
}
