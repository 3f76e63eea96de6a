import { z } from '@hono/zod-openapi';
import type { AppError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import type { CodeService } from '../codes/service.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { Messages } from '../messages/service.ts';
import type { PageCookies } from './cookies.ts';
import { enter } from './enter.ts';
import { parseFields } from './fields.ts';
import { attempt, failureOf, formOf } from './form.ts';
import { messagePage } from './message-page.ts';
import type { Page, View, Visit } from './page.ts';
import {
  linkOrCode,
  linkParts,
  presentedFields,
  presentedFieldsOf,
  presentedOf,
} from './presented.ts';
import { type TargetOf, withTarget } from './target.ts';

interface CodePageParts {
  readonly limits: Pick<RateLimits, 'useCode'>;
  readonly messages: Pick<Messages, 'canSend'>;
  readonly codeService: Pick<CodeService, 'requestLogin' | 'logIn'>;
  readonly cookies: PageCookies;
  readonly targetOf: TargetOf;
}

const REQUEST = '/account/code';
export const CODE_LOG_IN = '/account/code/login';

const LOG_IN_FAILURES = ['invalid_code', 'validation_failed', 'too_many_requests'] as const;

const logInSchema = linkOrCode(z.object(presentedFields));

/** Logs in with links and codes. */
export function codePages(parts: CodePageParts): readonly Page[] {
  const { limits, messages, codeService, cookies, targetOf } = parts;
  const hrefWithTarget = (visit: Visit, path: string) =>
    visit.href(withTarget(path, targetOf(visit)));

  function logInForm(visit: Visit, fields?: URLSearchParams, error?: AppError): Markup {
    const { codeLogin, sent } = visit.texts.access;
    const form = formOf(visit, {
      ...linkParts({ fields, error }, presentedFieldsOf(visit, fields, error)),
      button: codeLogin.button,
      action: withTarget(CODE_LOG_IN, targetOf(visit)),
      error,
    });
    return markup`${form}<p><a href="${hrefWithTarget(visit, REQUEST)}">${sent.again}</a></p>`;
  }

  function logInView(visit: Visit, fields?: URLSearchParams, error?: AppError): View {
    const { title, intro } = visit.texts.access.codeLogin;
    const content = markup`<p data-without-link>${intro}</p>${logInForm(visit, fields, error)}`;
    return { title, content, ...failureOf(error) };
  }

  return [
    messagePage({
      path: REQUEST,
      messages,
      instead: (visit) => (visit.login ? { to: targetOf(visit) } : undefined),
      wordsOf: ({ texts }) => texts.access.code,
      below: (visit) => {
        const { code, forgot } = visit.texts.access;
        return markup`<p><a href="${hrefWithTarget(visit, CODE_LOG_IN)}">${forgot.enter}</a></p>
<p><a href="${hrefWithTarget(visit, '/account/login')}">${code.password}</a></p>`;
      },
      send: (username, requester) => codeService.requestLogin(username, requester),
      formOf: logInForm,
    }),
    {
      path: CODE_LOG_IN,
      access: 'open',
      show: (visit) => (visit.login ? { to: targetOf(visit) } : logInView(visit)),

      async submit(visit, fields) {
        const { requester, deviceToken } = visit;
        const { caller } = requester;
        const outcome = await attempt(LOG_IN_FAILURES, async () => {
          const { presented, name } = presentedOf(parseFields(logInSchema, fields));
          await limits.useCode(name, caller.address, deviceToken);
          return codeService.logIn(presented, deviceToken, caller);
        });
        if ('error' in outcome) return logInView(visit, fields, outcome.error);
        return enter(outcome.result, targetOf(visit), cookies);
      },
    },
  ];
}
