import type { Config } from '../../config/config.ts';
import { AppError } from '../../core/errors.ts';
import { markup } from '../../core/http/markup.ts';
import type { AdminService } from '../admin/service.ts';
import { attempt, failureOf, formOf } from '../pages/form.ts';
import type { Next, Page, StaffVisit, View } from '../pages/page.ts';
import { createProfileForm } from '../pages/profile-form.ts';
import {
  ACTIONS,
  type Action,
  actOf,
  fieldsOf,
  isDangerous,
  isOffered,
  reasonField,
  run,
} from './actions.ts';
import { nameOf, userLink } from './parts.ts';
import { ACT, pathWith, USER, USERS } from './paths.ts';
import { ADMIN_TEXTS } from './texts/texts.ts';
import { ofAccount } from './user-page.ts';

/** The failures that the form explains. */
export const FAILURES = [
  'validation_failed',
  'last_admin',
  'no_address',
  'messages_off',
  'precondition_failed',
  'email_taken',
  'phone_taken',
  'too_many_requests',
  'overloaded',
] as const;

/** What the form was sent with, and what was wrong with it. */
interface Rejected {
  readonly fields: URLSearchParams;
  readonly error: AppError;
}

interface ActPageParts {
  readonly admins: AdminService;
  readonly config: Pick<Config, 'profileFields'>;
}

/** Asks once before something is done with an account, and for the reason. */
export function actPages({ admins, config }: ActPageParts): readonly Page[] {
  const form = createProfileForm(config);

  async function view(
    visit: StaffVisit,
    action: Action,
    id: number,
    rejected?: Rejected,
  ): Promise<View | Next> {
    const account = await admins.find(id);
    // Another administrator has done it meanwhile.
    if (!rejected && !isOffered(action, account)) return { to: pathWith(USER, { id }) };
    const { name, about } = ADMIN_TEXTS[visit.locale].actions[action];
    const given = rejected?.fields;
    const content = markup`<p>${userLink(visit, id, nameOf(account))}</p>
<p>${about}</p>
${formOf(visit, {
  fields: [
    ...fieldsOf(visit, action, { account, given, form }),
    reasonField(visit, given?.get('reason') ?? undefined),
  ],
  carried: action === 'profile' ? { version: String(account.version) } : {},
  button: name,
  isDangerous: isDangerous(action),
  error: rejected?.error,
})}`;
    return { title: name, content, section: USERS, ...failureOf(rejected?.error) };
  }

  function actionOf({ query }: StaffVisit): Action {
    const action = ACTIONS.find((each) => each === query.get('do'));
    if (!action) throw new AppError('not_found');
    return action;
  }

  return [
    {
      path: ACT,
      access: 'admin',
      keeps: ['id', 'do'],

      show(visit) {
        const action = actionOf(visit);
        return ofAccount(visit, (id) => view(visit, action, id));
      },

      submit(visit, fields) {
        const action = actionOf(visit);
        return ofAccount(visit, async (id) => {
          const outcome = await attempt(FAILURES, async () => {
            const act = actOf(visit, fields);
            const account = await admins.find(id);
            await run(admins, action, { account, fields, act, form });
          });
          if ('error' in outcome) {
            return view(visit, action, id, { fields, error: outcome.error });
          }
          return {
            to:
              action === 'remove'
                ? pathWith(USERS, { done: action })
                : pathWith(USER, { id, done: action }),
          };
        });
      },
    },
  ];
}
