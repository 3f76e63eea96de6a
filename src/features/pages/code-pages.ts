import { z } from '@hono/zod-openapi';
import type { AppError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import type { CodeService } from '../codes/service.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { Messages } from '../messages/service.ts';
import { usernameField } from '../users/fields.ts';
import type { PageCookies } from './cookies.ts';
import { enter } from './enter.ts';
import { parseFields } from './fields.ts';
import { attempt, failureOf, formOf } from './form.ts';
import type { Page, View, Visit } from './page.ts';
import {
  hasLinkOrCode,
  hasNameWithCode,
  keptLink,
  LINK_OR_CODE_REQUIRED,
  NAME_REQUIRED,
  presentedFields,
  presentedFieldsOf,
  presentedOf,
  usernameFieldOf,
} from './presented.ts';
import { sendsMessages, withoutForm } from './senders.ts';
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

const REQUEST_FAILURES = ['validation_failed', 'messages_off'] as const;
const LOG_IN_FAILURES = ['invalid_code', 'validation_failed', 'too_many_requests'] as const;

const requestSchema = z.object({ username: usernameField });

const logInSchema = z
  .object(presentedFields)
  .refine(hasLinkOrCode, LINK_OR_CODE_REQUIRED)
  .refine(hasNameWithCode, NAME_REQUIRED);

/** Logs in with links and codes. */
export function codePages(parts: CodePageParts): readonly Page[] {
  const { limits, messages, codeService, cookies, targetOf } = parts;
  const hrefWithTarget = (visit: Visit, path: string) =>
    visit.href(withTarget(path, targetOf(visit)));

  function requestView(visit: Visit, fields?: URLSearchParams, error?: AppError): View {
    const { code, forgot } = visit.texts.access;
    const { title, intro, button, password } = code;
    const below = markup`<p><a href="${hrefWithTarget(visit, CODE_LOG_IN)}">${forgot.enter}</a></p>
<p><a href="${hrefWithTarget(visit, '/account/login')}">${password}</a></p>`;
    if (!sendsMessages(messages)) {
      const content = withoutForm(visit, 'messages_off', error, below);
      return { title, content, ...failureOf(error) };
    }
    const field = usernameFieldOf(visit, fields);
    const form = formOf(visit, { fields: [field], button, error, below });
    return { title, content: markup`<p>${intro}</p>${form}`, ...failureOf(error) };
  }

  function logInForm(visit: Visit, fields?: URLSearchParams, error?: AppError): Markup {
    const { codeLogin, sent } = visit.texts.access;
    const link = keptLink(fields, error);
    const form = formOf(visit, {
      fields: link === undefined ? presentedFieldsOf(visit, fields, error) : [],
      ...(link !== undefined && { carried: { link } }),
      takesLink: true,
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
    {
      path: REQUEST,
      access: 'open',
      show: (visit) => (visit.login ? { to: targetOf(visit) } : requestView(visit)),

      async submit(visit, fields) {
        const outcome = await attempt(REQUEST_FAILURES, async () => {
          const { username } = parseFields(requestSchema, fields);
          await codeService.requestLogin(username, visit.requester);
        });
        if ('error' in outcome) return requestView(visit, fields, outcome.error);
        const { title, next } = visit.texts.access.sent;
        return {
          title,
          content: markup`<p role="status">${next}</p>${logInForm(visit, fields)}`,
        };
      },
    },
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
