import { avatars } from '../../src/core/db/account-schema.ts';
import { MemoryFiles } from './memory-files.ts';
import { ORIGIN, type Visitor } from './page-visitor.ts';
import { png } from './pictures.ts';
import { bearer } from './test-app.ts';
import { createUserRoom } from './user-room.ts';

export const PICTURE_PAGE = '/account/picture';

/** The token with which the script of the page sends. */
export async function pictureTokenOf(visitor: Visitor): Promise<string> {
  const { html } = await visitor.visit(PICTURE_PAGE);
  return /<form id="picture"[\s\S]*?name="form" value="([^"]+)"/.exec(html)?.[1] ?? '';
}

/** Sends a file as the script of the page does. */
export const sendPicture = (
  visitor: Visitor,
  formToken: string,
  body: BodyInit = png(),
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> =>
  visitor.send(PICTURE_PAGE, {
    method: 'PUT',
    body,
    headers: {
      ...{ Origin: ORIGIN, 'Content-Type': 'image/png', 'Form-Token': formToken },
      ...headers,
    },
  });

/** An app with a store of files, and a user who is logged in to its pages. */
export async function createPictureRoom(settings: Record<string, string> = {}) {
  const files = new MemoryFiles();
  const room = await createUserRoom(settings, { files });
  const { token, visitor } = await room.newUserVisitor();

  const urlShown = async (by = token) => (await room.profile(by)).body.avatar_url;

  return {
    ...room,
    ...{ files, token, visitor, urlShown },
    /** Sets a picture by the API. */
    putByApi: () =>
      room.send('/profile/me/avatar', {
        method: 'PUT',
        headers: { ...bearer(token), 'Content-Type': 'image/png' },
        body: png(),
      }),
    /** The events of pictures, newest first. */
    async events(): Promise<readonly string[]> {
      const answer = await room.send('/auth/activity', { headers: bearer(token) });
      const { events } = (await answer.json()) as { events: { action: string }[] };
      return events.map(({ action }) => action).filter((action) => action.startsWith('avatar'));
    },
    /** What is stored of pictures. */
    async stored(by?: string) {
      await room.idle();
      const rows = await room.db.select().from(avatars);
      return { url: await urlShown(by), files: files.files.size, rows: rows.length };
    },
  };
}

export type PictureRoom = Awaited<ReturnType<typeof createPictureRoom>>;

/** What is stored if there is no picture. */
export const NO_PICTURE = { url: null, files: 0, rows: 0 } as const;
