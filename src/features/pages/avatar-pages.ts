import type { AppError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import type { Turns } from '../../core/http/turns.ts';
import type { FileStore } from '../../core/ports.ts';
import { MAX_IMAGE_BYTES } from '../avatars/image/clean-image.ts';
import { IMAGE_TYPES } from '../avatars/image/image.ts';
import type { AvatarService } from '../avatars/service.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import { actionForm, attempt, failureOf, problemText } from './form.ts';
import { tokenField } from './layout.ts';
import type { Page, UserVisit, View, Visit } from './page.ts';
import { HOME, withDone } from './target.ts';

interface AvatarPageParts {
  readonly avatarService: Pick<AvatarService, 'set' | 'remove'>;
  /** The turns of the API: one upload at a time per user, wherever it is sent to. */
  readonly avatarTurns: Turns;
  readonly files: FileStore | undefined;
  readonly limits: Pick<RateLimits, 'setAvatar'>;
  /** The path of its script. */
  readonly scriptPath: string;
}

const PATH = '/account/picture';

/** What was wrong with a picture. Everything else is a page of its own. */
const FAILURES = [
  'invalid_image',
  'payload_too_large',
  'unsupported_media_type',
  'request_timeout',
  'too_many_requests',
  'overloaded',
  'files_unavailable',
] as const;

/** Shows the picture of the account, takes another one from the script, and removes it. None without a store. */
export function avatarPages(parts: AvatarPageParts): readonly Page[] {
  const { avatarService, avatarTurns, files, limits, scriptPath } = parts;
  if (!files) return [];

  function view(visit: UserVisit, error?: AppError): View {
    const { title, none, remove, without } = visit.texts.account.picture;
    const { avatarKey } = visit.login.user;
    const content = markup`${avatarKey === null ? markup`<p>${none}</p>` : pictureOf(visit, avatarKey, title)}
${avatarKey !== null && actionForm(visit, { carried: {}, button: remove })}
<noscript><p>${without}</p></noscript>
${chooser(visit, error)}`;
    return {
      title,
      content,
      section: HOME,
      policy: { imageSources: ["'self'"], fetches: true },
      scriptPaths: [scriptPath],
      ...failureOf(error),
    };
  }

  return [
    {
      path: PATH,
      access: 'user',
      show: (visit) => view(visit),

      async submit({ login, requester }) {
        await avatarService.remove({ ...login, ...requester });
        return { to: withDone(PATH, 'pictureRemoved') };
      },

      async upload(visit, read) {
        const { login, requester } = visit;
        const userId = String(login.user.id);
        const outcome = await attempt(FAILURES, () =>
          avatarTurns.run(userId, async () => {
            await limits.setAvatar(userId);
            const bytes = await read(IMAGE_TYPES, MAX_IMAGE_BYTES);
            await avatarService.set({ ...login, ...requester }, bytes);
          }),
        );
        return 'error' in outcome
          ? view(visit, outcome.error)
          : { to: withDone(PATH, 'pictureSaved') };
      },
    },
  ];
}

/** The link to the page, if there is one. */
export const pictureLink = (visit: Visit, files: FileStore | undefined): Markup | undefined =>
  files && markup`<p><a href="${visit.href(PATH)}">${visit.texts.account.picture.link}</a></p>`;

/** A picture of an account. */
export const pictureOf = (visit: Visit, key: string, alt: string): Markup =>
  markup`<p><img class="picture" src="${visit.href(`/avatars/${key}`)}" alt="${alt}" width="192" height="192"></p>`;

/** What the script shows and uses. Its form is sent by the script only. */
function chooser(visit: Visit, error: AppError | undefined): Markup {
  const { texts } = visit;
  const { choose, hint, preview, button, sending, notImage, noAnswer } = texts.account.picture;
  return markup`<div id="picture-part" hidden>
<form id="picture" method="post" data-again data-not-image="${notImage}" data-no-answer="${noAnswer}" data-failed="${texts.frame.problem}" data-sending="${sending}">
${tokenField(visit)}
<p><label for="picture-file">${choose}</label>
<input id="picture-file" type="file" accept="${IMAGE_TYPES.join()}" aria-describedby="picture-hint" required></p>
<p class="hint" id="picture-hint">${hint}</p>
<p><canvas class="picture" id="picture-preview" role="img" aria-label="${preview}" width="192" height="192" hidden></canvas></p>
<p><button id="picture-send" disabled>${button}</button></p>
<p role="status" id="picture-status"></p>
</form></div>
<p class="notice bad" role="alert" id="picture-problem"${
    error ? '' : markup` hidden`
  }>${error && wordsOf(visit, error)}</p>`;
}

function wordsOf(visit: Visit, { code }: AppError): string {
  const words: Readonly<Record<string, string>> = visit.texts.account.picture.problems;
  return words[code] ?? problemText(visit, code);
}
