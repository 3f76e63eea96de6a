import { z } from '@hono/zod-openapi';
import type { AppError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { Messages } from '../messages/service.ts';
import type { WorkGate } from '../passwords/gate.ts';
import type { RecoveryService } from '../recovery/service.ts';
import { newPasswordField, usernameField } from '../users/fields.ts';
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
import { withDone } from './target.ts';

interface RecoveryPageParts {
  readonly limits: Pick<RateLimits, 'useCode'>;
  readonly messages: Pick<Messages, 'canSend'>;
  readonly passwordGate: Pick<WorkGate, 'admit'>;
  readonly recovery: RecoveryService;
}

const FORGOT = '/account/forgot';
const RESET = '/account/reset';

const FORGOT_FAILURES = ['validation_failed', 'messages_off'] as const;

const RESET_FAILURES = [
  'invalid_code',
  'weak_password',
  'validation_failed',
  'too_many_requests',
  'overloaded',
] as const;

const forgotSchema = z.object({ username: usernameField });

const resetSchema = z
  .object({ ...presentedFields, new_password: newPasswordField })
  .refine(hasLinkOrCode, LINK_OR_CODE_REQUIRED)
  .refine(hasNameWithCode, NAME_REQUIRED);

/** Recovers accounts whose password is forgotten. */
export function recoveryPages(parts: RecoveryPageParts): readonly Page[] {
  const { limits, messages, passwordGate, recovery } = parts;

  function forgotView(visit: Visit, fields?: URLSearchParams, error?: AppError): View {
    const { title, intro, button, enter, logIn } = visit.texts.access.forgot;
    const below = markup`<p><a href="${visit.href(RESET)}">${enter}</a></p>
<p><a href="${visit.href('/account/login')}">${logIn}</a></p>`;
    if (!sendsMessages(messages)) {
      const content = withoutForm(visit, 'messages_off', error, below);
      return { title, content, ...failureOf(error) };
    }
    const field = usernameFieldOf(visit, fields);
    const form = formOf(visit, { fields: [field], button, error, below });
    return { title, content: markup`<p>${intro}</p>${form}`, ...failureOf(error) };
  }

  function resetForm(visit: Visit, fields?: URLSearchParams, error?: AppError): Markup {
    const { frame, access } = visit.texts;
    const link = keptLink(fields, error);
    const form = formOf(visit, {
      fields: [
        ...(link === undefined ? presentedFieldsOf(visit, fields, error) : []),
        {
          name: 'new_password',
          label: frame.fields.newPassword,
          type: 'password',
          autocomplete: 'new-password',
        },
      ],
      ...(link !== undefined && { carried: { link } }),
      takesLink: true,
      button: access.reset.button,
      action: RESET,
      error,
    });
    return markup`${form}<p><a href="${visit.href(FORGOT)}">${access.reset.again}</a></p>`;
  }

  function resetView(visit: Visit, fields?: URLSearchParams, error?: AppError): View {
    const { title, intro, withLink } = visit.texts.access.reset;
    const hasLink = keptLink(fields, error) !== undefined;
    const content = markup`<p data-without-link${hasLink ? markup` hidden` : ''}>${intro}</p>
<p data-with-link${hasLink ? '' : markup` hidden`}>${withLink}</p>
${resetForm(visit, fields, error)}`;
    return { title, content, ...failureOf(error) };
  }

  return [
    {
      path: FORGOT,
      access: 'open',
      show: (visit) => forgotView(visit),

      async submit(visit, fields) {
        const outcome = await attempt(FORGOT_FAILURES, async () => {
          const { username } = parseFields(forgotSchema, fields);
          await recovery.forgot(username, visit.requester);
        });
        if ('error' in outcome) return forgotView(visit, fields, outcome.error);
        const { title, next } = visit.texts.access.sent;
        return {
          title,
          content: markup`<p role="status">${next}</p>${resetForm(visit, fields)}`,
        };
      },
    },
    {
      path: RESET,
      access: 'open',
      show: (visit) => resetView(visit),

      async submit(visit, fields) {
        const { requester } = visit;
        const { address } = requester.caller;
        const outcome = await attempt(RESET_FAILURES, async () => {
          const { new_password: newPassword, ...given } = parseFields(resetSchema, fields);
          const { presented, name } = presentedOf(given);
          await limits.useCode(name, address);
          await passwordGate.admit(address, () =>
            recovery.reset(presented, newPassword, requester),
          );
        });
        if ('error' in outcome) return resetView(visit, fields, outcome.error);
        return { to: withDone('/account/login', 'passwordReset') };
      },
    },
  ];
}
