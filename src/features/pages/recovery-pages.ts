import { z } from '@hono/zod-openapi';
import type { AppError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import type { Messages } from '../messages/service.ts';
import type { WorkGate } from '../passwords/gate.ts';
import type { RecoveryService } from '../recovery/service.ts';
import { newPasswordField } from '../users/fields.ts';
import { parseFields } from './fields.ts';
import { attempt, failureOf, formOf } from './form.ts';
import { messagePage } from './message-page.ts';
import type { Page, View, Visit } from './page.ts';
import {
  keptLink,
  linkOrCode,
  linkParts,
  presentedFields,
  presentedFieldsOf,
  presentedOf,
} from './presented.ts';
import { withDone } from './target.ts';

interface RecoveryPageParts {
  readonly limits: Pick<RateLimits, 'useCode'>;
  readonly messages: Pick<Messages, 'canSend'>;
  readonly passwordGate: Pick<WorkGate, 'admit'>;
  readonly recovery: RecoveryService;
}

const FORGOT = '/account/forgot';
const RESET = '/account/reset';

const RESET_FAILURES = [
  'invalid_code',
  'weak_password',
  'validation_failed',
  'too_many_requests',
  'overloaded',
] as const;

const resetSchema = linkOrCode(z.object({ ...presentedFields, new_password: newPasswordField }));

/** Recovers accounts whose password is forgotten. */
export function recoveryPages(parts: RecoveryPageParts): readonly Page[] {
  const { limits, messages, passwordGate, recovery } = parts;

  function resetForm(visit: Visit, fields?: URLSearchParams, error?: AppError): Markup {
    const { frame, access } = visit.texts;
    const link = linkParts({ fields, error }, presentedFieldsOf(visit, fields, error));
    const form = formOf(visit, {
      ...link,
      fields: [
        ...link.fields,
        {
          name: 'new_password',
          label: frame.fields.newPassword,
          type: 'password',
          autocomplete: 'new-password',
        },
      ],
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
    messagePage({
      path: FORGOT,
      messages,
      wordsOf: ({ texts }) => texts.access.forgot,
      below: (visit) => {
        const { enter, logIn } = visit.texts.access.forgot;
        return markup`<p><a href="${visit.href(RESET)}">${enter}</a></p>
<p><a href="${visit.href('/account/login')}">${logIn}</a></p>`;
      },
      send: (username, requester) => recovery.forgot(username, requester),
      formOf: resetForm,
    }),
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
