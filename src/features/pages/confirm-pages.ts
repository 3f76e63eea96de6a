import { z } from '@hono/zod-openapi';
import { AppError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import type { CodeService } from '../codes/service.ts';
import type { CodeStore } from '../codes/store.ts';
import type { Messages } from '../messages/service.ts';
import { passwordField } from '../users/fields.ts';
import { isVerified } from '../users/user.ts';
import { parseFields } from './fields.ts';
import { actionForm, attempt, failureOf, formOf, problemNotice } from './form.ts';
import type { Outcome, Page, UserVisit, View } from './page.ts';
import { notesOf } from './password-pages.ts';
import { codeFieldOf, enteredCodeField, passwordFieldOf } from './presented.ts';
import { createProver, type ProverParts } from './proof.ts';
import { CONFIRM, type TargetOf, withTarget } from './target.ts';

interface ConfirmParts extends ProverParts {
  readonly codeService: Pick<CodeService, 'requestReauthentication'>;
  readonly codes: Pick<CodeStore, 'listPending'>;
  readonly messages: Pick<Messages, 'canSend'>;
  readonly targetOf: TargetOf;
}

const FAILURES = [
  'wrong_current_password',
  'invalid_code',
  'no_address',
  'messages_off',
  'validation_failed',
  'too_many_requests',
  'overloaded',
] as const;

const passwordSchema = z.object({ password: passwordField });
const codeSchema = z.object({ code: enteredCodeField });

/** The forms of the page. Each names itself. */
type Way = 'password' | 'code' | 'message';

/** Proves again who the user is, before what must not be done in a session that somebody else may have found open. */
export function confirmPages(parts: ConfirmParts): readonly Page[] {
  const { codeService, codes, messages, targetOf } = parts;
  const { hasPassword, prove } = createProver(parts);

  /** True if a code can be sent. */
  function canSendCode({ login: { user } }: UserVisit): boolean {
    const channel = isVerified(user, 'email') ? 'email' : 'phone';
    return isVerified(user, channel) && messages.canSend(channel);
  }

  function passwordForm(visit: UserVisit, error: AppError | undefined): Markup {
    const { account } = visit.texts;
    const { user } = visit.login;
    return formOf(visit, {
      username: user.email ?? user.phone,
      fields: [passwordFieldOf(visit)],
      carried: { way: 'password' satisfies Way },
      button: account.confirm.button,
      error,
      notes: notesOf(visit, error, 'password'),
      below: markup`<p><a href="${visit.href('/account/forgot')}">${account.confirm.forgot}</a></p>`,
    });
  }

  async function codeForms(visit: UserVisit, error: AppError | undefined): Promise<Markup> {
    const { byCode, codeAbout, sendCode, button } = visit.texts.account.confirm;
    const pending = await codes.listPending(visit.login.user.id, 'reauthenticate');
    return markup`<h2>${byCode}</h2>
${
  pending.length > 0 || error
    ? formOf(visit, {
        fields: [codeFieldOf(visit)],
        carried: { way: 'code' satisfies Way },
        button,
        error,
      })
    : markup`<p>${codeAbout}</p>`
}
${actionForm(visit, { carried: { way: 'message' satisfies Way }, button: sendCode })}`;
  }

  async function view(visit: UserVisit, way?: Way, error?: AppError): Promise<View> {
    const { title, about, without, forgot } = visit.texts.account.confirm;
    const withPassword = await hasPassword(visit);
    const withCode = canSendCode(visit);
    const content = markup`<p>${about}</p>
${way === 'message' && error && problemNotice(visit, error)}
${withPassword && passwordForm(visit, way === 'password' ? error : undefined)}
${withCode && (await codeForms(visit, way === 'code' ? error : undefined))}
${
  !withPassword &&
  !withCode &&
  markup`<p>${without}</p>
<p><a href="${visit.href('/account/forgot')}">${forgot}</a></p>`
}`;
    return { title, content, ...failureOf(error) };
  }

  const steps: Readonly<
    Record<Way, (visit: UserVisit, fields: URLSearchParams) => Promise<Outcome>>
  > = {
    async password(visit, fields) {
      const { password } = parseFields(passwordSchema, fields);
      return { to: targetOf(visit), cookies: await prove(visit, 'password', password) };
    },

    async code(visit, fields) {
      const { code } = parseFields(codeSchema, fields);
      return { to: targetOf(visit), cookies: await prove(visit, 'code', code) };
    },

    async message(visit) {
      await codeService.requestReauthentication(visit.login.user, visit.requester);
      return { to: withTarget(CONFIRM, targetOf(visit), 'messageSent') };
    },
  };

  return [
    {
      path: CONFIRM,
      access: 'user',
      show: (visit) => view(visit),

      async submit(visit, fields) {
        const way = z.enum(['password', 'code', 'message']).safeParse(fields.get('way')).data;
        if (way === undefined) throw new AppError('not_found');
        const outcome = await attempt(FAILURES, () => steps[way](visit, fields));
        return 'error' in outcome ? view(visit, way, outcome.error) : outcome.result;
      },
    },
  ];
}
