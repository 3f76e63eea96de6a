import { z } from '@hono/zod-openapi';
import { AppError } from '../../core/errors.ts';
import { markup } from '../../core/http/markup.ts';
import type { AccountService } from '../account/service.ts';
import { createExportService, type ExportParts } from '../export/service.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import { passwordField } from '../users/fields.ts';
import type { PageCookies } from './cookies.ts';
import { parseFields } from './fields.ts';
import { actionForm, attempt, type Field, failureOf, formOf, problemNotice } from './form.ts';
import type { Outcome, Page, UserVisit, View, Visit } from './page.ts';
import { notesOf } from './password-pages.ts';
import { passwordFieldOf } from './presented.ts';
import { createProver, type ProverParts } from './proof.ts';

interface DataParts extends ExportParts, ProverParts {
  readonly accountService: Pick<AccountService, 'deleteAccount'>;
  readonly limits: Pick<RateLimits, 'changePassword' | 'exportAccount'>;
  readonly cookies: PageCookies;
}

const PATH = '/account/data';
const DELETED = '/account/deleted';

const FAILURES = [
  'wrong_current_password',
  'validation_failed',
  'last_admin',
  'too_many_requests',
  'overloaded',
] as const;

const passwordSchema = z.object({ password: passwordField });

/** The forms of the page. Each names itself. */
type Way = 'export' | 'delete';

/** Exports and deletes the account. */
export function dataPages(parts: DataParts): readonly Page[] {
  const { accountService, limits, cookies } = parts;
  const exports = createExportService(parts);
  const { hasPassword, prove } = createProver(parts);

  /** Names the field of the word if it is not the word. */
  const isWord = (visit: Visit, fields: URLSearchParams): boolean =>
    (fields.get('word') ?? '').trim() === visit.texts.account.data.word;

  async function view(visit: UserVisit, way?: Way, error?: AppError, notes = {}): Promise<View> {
    const texts = visit.texts.account.data;
    const { user } = visit.login;
    const password = passwordFieldOf(visit);
    const word: Field = {
      name: 'word',
      label: texts.wordLabel.replace('{word}', texts.word),
      autocomplete: 'off',
    };
    const deletion = way === 'delete' ? error : undefined;
    const content = markup`<h2>${texts.export}</h2>
${way === 'export' && error && problemNotice(visit, error)}
<p>${texts.exportAbout}</p>
${actionForm(visit, {
  carried: { way: 'export' satisfies Way },
  button: texts.exportButton,
  isAgain: true,
})}
<h2>${texts.delete}</h2>
<p>${texts.deleteAbout}</p>
${formOf(visit, {
  username: user.email ?? user.phone,
  fields: (await hasPassword(visit)) ? [word, password] : [word],
  carried: { way: 'delete' satisfies Way },
  button: texts.deleteButton,
  isDangerous: true,
  error: deletion,
  notes: { ...notesOf(visit, deletion, 'password'), ...notes },
})}`;
    return { title: texts.title, content, ...failureOf(error) };
  }

  async function download(visit: UserVisit): Promise<Outcome> {
    const { user, session } = visit.login;
    await limits.exportAccount(String(user.id));
    const owner = { id: user.id, sessionId: session.id };
    const parts = exports.read(owner, visit.requester.caller);
    return { file: { name: 'latchkey-export.json', parts } };
  }

  async function remove(visit: UserVisit, fields: URLSearchParams): Promise<Outcome> {
    if (await hasPassword(visit)) {
      const { password } = parseFields(passwordSchema, fields);
      await prove(visit, 'password', password);
    }
    await accountService.deleteAccount(visit.login, visit.requester);
    const { session, form, device } = cookies;
    return { to: DELETED, cookies: [session, form, device].map((cookie) => cookie.clear()) };
  }

  return [
    {
      path: PATH,
      access: 'fresh',
      show: (visit) => view(visit),

      async submit(visit, fields) {
        const way = z.enum(['export', 'delete']).safeParse(fields.get('way')).data;
        if (way === undefined) throw new AppError('not_found');
        if (way === 'delete' && !isWord(visit, fields)) {
          const { wordWrong } = visit.texts.account.data;
          return view(visit, way, new AppError('validation_failed'), { word: wordWrong });
        }
        const outcome = await attempt(FAILURES, () =>
          way === 'export' ? download(visit) : remove(visit, fields),
        );
        return 'error' in outcome ? view(visit, way, outcome.error) : outcome.result;
      },
    },
    {
      path: DELETED,
      access: 'open',
      show: ({ texts: { account } }) => ({
        title: account.deleted.title,
        content: markup`<p>${account.deleted.about}</p>`,
      }),
    },
  ];
}
