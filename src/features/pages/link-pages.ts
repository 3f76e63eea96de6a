import type { AppError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import type { AddressService } from '../addresses/service.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import { CHANNELS } from '../messages/message.ts';
import { parseFields } from './fields.ts';
import { attempt, failureOf, formOf } from './form.ts';
import type { Next, Page, Visit } from './page.ts';
import { linkFieldOf, linkParts, linkSchema } from './presented.ts';
import { HOME, withDone } from './target.ts';

interface LinkPageParts {
  readonly limits: Pick<RateLimits, 'useCode'>;
  readonly addressService: Pick<AddressService, 'confirm' | 'undo'>;
}

const FAILURES = ['invalid_code', 'email_taken', 'validation_failed', 'too_many_requests'] as const;

/** Returns a form for a link, of which only the button is shown once the script has found the link. */
export function linkForm(
  visit: Visit,
  button: string,
  fields?: URLSearchParams,
  error?: AppError,
): Markup {
  return formOf(visit, {
    ...linkParts({ fields, error }, [linkFieldOf(visit)]),
    button,
    error,
  });
}

/** A page that uses a link once the visitor has pressed its button. */
interface LinkPage {
  readonly path: string;
  wordsOf(visit: Visit): { readonly title: string; readonly button: string };
  readonly explanationOf?: (visit: Visit) => string;
  use(token: string, visit: Visit): Promise<void>;
  next(visit: Visit): Next;
}

/** Changes an email address, and undoes changes, by links. */
export function linkPages({ limits, addressService }: LinkPageParts): readonly Page[] {
  function page({ path, wordsOf, explanationOf, use, next }: LinkPage): Page {
    function view(visit: Visit, fields?: URLSearchParams, error?: AppError) {
      const { title, button } = wordsOf(visit);
      const explanation = explanationOf && markup`<p>${explanationOf(visit)}</p>`;
      const form = linkForm(visit, button, fields, error);
      return { title, content: markup`${explanation}${form}`, ...failureOf(error) };
    }

    return {
      path,
      access: 'open',
      show: (visit) => view(visit),

      async submit(visit, fields) {
        const outcome = await attempt(FAILURES, async () => {
          const { link } = parseFields(linkSchema, fields);
          await limits.useCode('', visit.requester.caller.address);
          await use(link, visit);
        });
        return 'error' in outcome ? view(visit, fields, outcome.error) : next(visit);
      },
    };
  }

  /** The token does not tell which address it is for. */
  async function undo(token: string, { requester }: Visit): Promise<void> {
    for (const channel of CHANNELS) {
      const outcome = await attempt(channel === 'email' ? ['invalid_code'] : [], () =>
        addressService.undo(token, channel, requester.caller),
      );
      if ('result' in outcome) return;
    }
  }

  return [
    page({
      path: '/account/change',
      wordsOf: ({ texts }) => texts.access.change,
      use: (token, { requester }) => addressService.confirm({ token }, 'email', requester),
      next: ({ login }) => ({ to: withDone(login ? HOME : '/account/login', 'addressChanged') }),
    }),
    page({
      path: '/account/undo',
      wordsOf: ({ texts }) => texts.access.undo,
      explanationOf: ({ texts }) => texts.access.undo.explanation,
      use: undo,
      next: () => ({ to: withDone('/account/forgot', 'undone') }),
    }),
  ];
}
