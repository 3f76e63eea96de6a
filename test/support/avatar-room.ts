import { avatars, userRoles } from '../../src/core/db/account-schema.ts';
import { users } from '../../src/core/db/schema.ts';
import type { FileStore } from '../../src/core/ports.ts';
import { MemoryFiles } from './memory-files.ts';
import { png } from './pictures.ts';
import { bearer, createTestApp, newUser, type TestApp } from './test-app.ts';

interface Row {
  readonly key: string;
  readonly removeAt: number | null;
}

/** An app with a store of files, and a user. */
export interface AvatarRoom extends TestApp {
  readonly files: MemoryFiles;
  readonly ada: Awaited<ReturnType<typeof newUser>>;
  put(bytes?: Uint8Array<ArrayBuffer>, token?: string, type?: string): Promise<Response>;
  remove(token?: string): Promise<Response>;
  /** Sets a picture and returns its key. */
  shown(bytes?: Uint8Array<ArrayBuffer>): Promise<string>;
  /** The rows of all pictures. */
  rows(): Promise<readonly Row[]>;
  makeAdmin(userId: number): Promise<void>;
  /** The keys that accounts show. */
  keysShown(): Promise<readonly string[]>;
}

/** @param wrap replaces the store that the app uses */
export async function createAvatarRoom(
  settings: Record<string, string> = {},
  wrap: (files: FileStore) => FileStore = (files) => files,
): Promise<AvatarRoom> {
  const files = new MemoryFiles();
  const test = await createTestApp(settings, { files: wrap(files) });
  const ada = await newUser(test.app);
  const put: AvatarRoom['put'] = async (bytes = png(), token = ada.token, type = 'image/png') =>
    test.app.request('/profile/me/avatar', {
      method: 'PUT',
      headers: { ...bearer(token), 'Content-Type': type },
      body: bytes,
    });
  return {
    ...test,
    files,
    ada,
    put,
    remove: async (token = ada.token) =>
      test.app.request('/profile/me/avatar', { method: 'DELETE', headers: bearer(token) }),
    async shown(bytes) {
      const answer = await put(bytes);
      if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
      return keyIn(await answer.json());
    },
    async makeAdmin(userId) {
      await test.db.insert(userRoles).values({ userId, role: 'admin', grantedAt: 0 });
    },
    rows: () => test.db.select({ key: avatars.key, removeAt: avatars.removeAt }).from(avatars),
    async keysShown() {
      const rows = await test.db.select({ key: users.avatarKey }).from(users);
      return rows.flatMap(({ key }) => (key === null ? [] : [key]));
    },
  };
}

/** The key in the URL of a profile. */
export function keyIn(profile: unknown): string {
  const { avatar_url: url } = profile as { avatar_url: string };
  return url.slice(url.lastIndexOf('/') + 1);
}
