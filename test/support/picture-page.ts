import { ORIGIN, type Visitor } from './page-visitor.ts';
import { png } from './pictures.ts';

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
