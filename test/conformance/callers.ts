import { SignJWT } from 'jose';
import { expect, test } from 'vitest';
import type { Answer, Api } from '../support/api.ts';
import { STAFF, type StaffSession } from '../support/legacy-users.ts';
import { testSettings } from '../support/test-app.ts';
import { type Operation, readDocument } from './document.ts';
import type { Part } from './suite.ts';

export type Headers = Readonly<Record<string, string>>;

/** An access token of a session that was not started by a login. */
export async function bearerOf({ id, sessionId }: StaffSession): Promise<Headers> {
  const claims = { sid: sessionId, jti: 'x', iss: 'latchkey', aud: 'latchkey' };
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
    .setSubject(String(id))
    .setIssuedAt()
    .setExpirationTime('10m')
    .sign(new TextEncoder().encode(testSettings.SECRET_KEY));
  return { Authorization: `Bearer ${token}` };
}

/** Calls an operation on what does not exist, without the body that it may require. */
const call = (api: Api, { method, path }: Operation, headers: Headers): Promise<Answer> =>
  api.request(method, path.replaceAll(/\{\w+\}/g, '999999999'), { headers });

const codeOf = (answer: Answer): string => String(answer.at('code') ?? answer.status);

/** What each caller of an operation is told, by the problems that the document lists for it. */
export const callers: Part = (api) => {
  /** Calls the operations that a test is about, and compares the answers of all at once. */
  async function expectAnswers(
    headers: Headers,
    isMeant: (operation: Operation) => boolean,
    expected: (operation: Operation) => unknown,
  ): Promise<void> {
    const operations = (await readDocument(api())).filter(isMeant);
    expect(operations.length).toBeGreaterThan(0);
    const answers = [];
    for (const operation of operations) {
      answers.push([operation.id, codeOf(await call(api(), operation, headers))]);
    }
    expect(answers).toEqual(operations.map((operation) => [operation.id, expected(operation)]));
  }

  const has = (code: string) => (operation: Operation) => operation.codes.includes(code);
  const isAllowed = expect.not.stringMatching(
    /^(not_authenticated|invalid_token|forbidden|reauthentication_required|internal_error)$/,
  );
  const isFresh = has('reauthentication_required');
  // By their paths, and not by what the document says of them.
  const isOfStaff = ({ path }: Operation) => path.startsWith('/admin/');
  const isWrite = ({ method }: Operation) => method !== 'GET';

  test('[S75] the document lists forbidden for the operations of administrators alone, and for those that write reauthentication_required', async () => {
    const operations = await readDocument(api());
    const ofStaff = operations.filter(isOfStaff);
    const idsOf = (some: readonly Operation[]) => some.map(({ id }) => id);
    expect(ofStaff.length).toBeGreaterThan(10);
    expect(idsOf(operations.filter(has('forbidden')))).toEqual(idsOf(ofStaff));
    expect(idsOf(ofStaff.filter(isFresh))).toEqual(idsOf(ofStaff.filter(isWrite)));
  });

  test('[S75] without a token, every operation that needs one answers not_authenticated', () =>
    expectAnswers(
      {},
      ({ isOpen }) => !isOpen,
      () => 'not_authenticated',
    ));

  test('[S75] with a wrong token or that of a disabled administrator, it answers invalid_token', async () => {
    const wrong = { Authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.AAAA' };
    for (const headers of [wrong, await bearerOf(STAFF.disabled)]) {
      await expectAnswers(headers, has('invalid_token'), () => 'invalid_token');
    }
  });

  test('[S75] a user without a role is forbidden every operation of administrators', async () => {
    const { bearer } = await api().newAccount();
    await expectAnswers(bearer, isOfStaff, () => 'forbidden');
  });

  test('[S75] a supporter may call those that read, and none that write', async () => {
    await expectAnswers(await bearerOf(STAFF.support), isOfStaff, (operation) =>
      isWrite(operation) ? 'forbidden' : isAllowed,
    );
  });

  test('[S77] an administrator may call all of them; one who authenticated long ago only those that read', async () => {
    await expectAnswers(await bearerOf(STAFF.admin), isOfStaff, () => isAllowed);
    await expectAnswers(await bearerOf(STAFF.stale), isOfStaff, (operation) =>
      isWrite(operation) ? 'reauthentication_required' : isAllowed,
    );
  });

  test('an administrator who authenticated long ago must do so again for every operation that says so', async () => {
    await expectAnswers(await bearerOf(STAFF.stale), isFresh, () => 'reauthentication_required');
  });
};
