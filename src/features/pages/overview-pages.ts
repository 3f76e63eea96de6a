import { z } from '@hono/zod-openapi';
import type { AppError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import { channelField } from '../codes/fields.ts';
import type { Channel } from '../messages/message.ts';
import type { SessionStore } from '../sessions/store.ts';
import { isVerified } from '../users/user.ts';
import type { VerificationService } from '../verification/service.ts';
import { parseFields } from './fields.ts';
import { actionForm, attempt, problemNotice, statusOf } from './form.ts';
import type { Page, UserVisit, View } from './page.ts';
import { HOME, withDone } from './target.ts';

interface OverviewParts {
  readonly sessions: Pick<SessionStore, 'isLoggedInBy'>;
  readonly verification: Pick<VerificationService, 'request'>;
}

const FAILURES = [
  'already_verified',
  'no_address',
  'messages_off',
  'validation_failed',
  'too_many_requests',
] as const;

const schema = z.object({ channel: channelField });

/** What the account is, and the way to everything else. */
export function overviewPages({ sessions, verification }: OverviewParts): readonly Page[] {
  function view(visit: UserVisit, error?: AppError): View {
    const { frame, account } = visit.texts;
    const { title, none, edit, addresses, bio } = account.overview;
    const { user } = visit.login;
    const content = markup`${error && problemNotice(visit, error)}
<dl>
<dt>${frame.fields.email}</dt><dd>${addressText(visit, 'email', true)}</dd>
<dt>${frame.fields.phone}</dt><dd>${addressText(visit, 'phone', true)}</dd>
</dl>
<p><a href="${visit.href('/account/addresses')}">${addresses}</a></p>
<dl>
<dt>${frame.fields.name}</dt><dd><bdi>${user.name || none}</bdi></dd>
<dt>${bio}</dt><dd class="prose" dir="auto">${user.bio || none}</dd>
</dl>
<p><a href="${visit.href('/account/profile')}">${edit}</a></p>`;
    return { title, content, ...(error && { status: statusOf(error) }) };
  }

  return [
    {
      path: HOME,
      access: 'user',
      show: (visit) => view(visit),

      async submit(visit, fields) {
        const { user, session } = visit.login;
        const outcome = await attempt(FAILURES, async () => {
          const { channel } = parseFields(schema, fields);
          const isLoggedIn = sessions.isLoggedInBy(session.id);
          await verification.request(user, channel, visit.requester, isLoggedIn);
          return channel;
        });
        if ('error' in outcome) return view(visit, outcome.error);
        return { to: withDone(`/account/verify?channel=${outcome.result}`, 'verifyCodeSent') };
      },
    },
  ];
}

/** An address of the user, and whether it is verified. @param canVerify true to offer that */
export function addressText(visit: UserVisit, channel: Channel, canVerify: boolean): Markup {
  const { verified, unverified, verify, none } = visit.texts.account.overview;
  const { user } = visit.login;
  const address = channel === 'email' ? user.email : user.phone;
  if (address === null) return markup`${none}`;
  if (isVerified(user, channel)) return markup`<bdi>${address}</bdi> (${verified})`;
  return markup`<bdi>${address}</bdi> (${unverified})${
    canVerify
      ? actionForm(visit, {
          values: { channel },
          button: verify,
          label: `${verify}: ${address}`,
        })
      : ''
  }`;
}
