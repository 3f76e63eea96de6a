import { z } from '@hono/zod-openapi';
import type { AppError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import type { Requester } from '../codes/requests.ts';
import type { Messages } from '../messages/service.ts';
import { usernameField } from '../users/fields.ts';
import { parseFields } from './fields.ts';
import { attempt, failureOf, formOf } from './form.ts';
import type { Next, Page, View, Visit } from './page.ts';
import { usernameFieldOf } from './presented.ts';
import { sendsMessages, withoutForm } from './senders.ts';

interface MessagePage {
  readonly path: string;
  readonly messages: Pick<Messages, 'canSend'>;
  /** The page that a visitor who needs no message goes to. */
  readonly instead?: (visit: Visit) => Next | undefined;
  wordsOf(visit: Visit): {
    readonly title: string;
    readonly intro: string;
    readonly button: string;
  };
  /** Links below the form. */
  below(visit: Visit): Markup;
  send(username: string, requester: Requester): Promise<void>;
  /** The form for the link or the code of the message, with the name that was typed. */
  formOf(visit: Visit, fields: URLSearchParams): Markup;
}

const FAILURES = ['validation_failed', 'messages_off'] as const;

const schema = z.object({ username: usernameField });

/**
 * A page that sends a message to an account by its name. It answers with the form for the link or the code, so that the
 * name is in no address.
 */
export function messagePage(page: MessagePage): Page {
  const { path, messages, instead, wordsOf, below, send } = page;

  function view(visit: Visit, fields?: URLSearchParams, error?: AppError): View {
    const { title, intro, button } = wordsOf(visit);
    if (!sendsMessages(messages)) {
      const content = withoutForm(visit, 'messages_off', error, below(visit));
      return { title, content, ...failureOf(error) };
    }
    const field = usernameFieldOf(visit, fields);
    const form = formOf(visit, { fields: [field], button, error, below: below(visit) });
    return { title, content: markup`<p>${intro}</p>${form}`, ...failureOf(error) };
  }

  return {
    path,
    access: 'open',
    show: (visit) => instead?.(visit) ?? view(visit),

    async submit(visit, fields) {
      const outcome = await attempt(FAILURES, async () => {
        const { username } = parseFields(schema, fields);
        await send(username, visit.requester);
      });
      if ('error' in outcome) return view(visit, fields, outcome.error);
      const { title, next } = visit.texts.access.sent;
      const content = markup`<p role="status">${next}</p>${page.formOf(visit, fields)}`;
      return { title, content };
    },
  };
}
