import { createMailRoom, HERE } from './mail-room.ts';
import { createVisitor, type Visitor } from './page-visitor.ts';
import { GOOD_SECRET } from './settings.ts';
import { createTestApp } from './test-app.ts';

export const PASSWORD = 'analytical engine';
export const NEW_PASSWORD = 'difference engine';

/** An app whose messages the test receives and whose pages it visits. */
export async function createPageRoom(...options: Parameters<typeof createMailRoom>) {
  const room = await createMailRoom(...options);
  const newVisitor = (place?: Parameters<typeof createVisitor>[1]) =>
    createVisitor((path, init) => room.send(path, init), place);

  return {
    ...room,
    newVisitor,
    /** A visitor who is logged in by password. */
    async newUserVisitor(username: string, password = PASSWORD) {
      const visitor = newVisitor();
      await visitor.visit('/account/login');
      await visitor.submit({ username, password }, { button: 'Log in' });
      return visitor;
    },
  };
}

export type PageRoom = Awaited<ReturnType<typeof createPageRoom>>;

/** Settings of a server in production, behind a proxy that serves it below a path. */
export const PRODUCTION = {
  APP_ENV: 'production',
  SECRET_KEY: GOOD_SECRET,
  PASSWORD_ROUNDS: '6',
  PUBLIC_URL: 'https://example.com/accounts',
} as const;

/** Where visitors of {@link PRODUCTION} are. */
export const BEHIND_PROXY = { origin: 'https://example.com', prefix: '/accounts' } as const;

/** A visitor of a server in production that sends no messages. */
export async function createSilentVisitor(): Promise<Visitor> {
  const { app } = await createTestApp(PRODUCTION);
  return createVisitor(
    (path, init) => app.request(path, init, { clientAddress: HERE }),
    BEHIND_PROXY,
  );
}
