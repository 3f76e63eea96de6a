import { type Markup, markup } from '../../core/http/markup.ts';
import type { AuditEntry, AuditRecord } from '../admin/record.ts';
import { OUTCOMES } from '../audit/event.ts';
import { eventRow } from '../pages/activity-pages.ts';
import { attempt, failureOf, problemNotice } from '../pages/form.ts';
import type { Page, StaffVisit } from '../pages/page.ts';
import { filterForm, pageLinks, parameter, userLink } from './parts.ts';
import { AUDIT, idIn } from './paths.ts';
import { ADMIN_TEXTS } from './texts/texts.ts';

/** Events per page. */
const PAGE_SIZE = 50;

/** Lists the events of all accounts, newest first. */
export const auditPages = ({
  auditRecord,
}: {
  readonly auditRecord: AuditRecord;
}): readonly Page[] => [
  {
    path: AUDIT,
    access: 'staff',
    async show(visit) {
      const { audit, any, dashboard } = ADMIN_TEXTS[visit.locale];
      const outcomes = { success: dashboard.succeeded, failure: dashboard.failed };
      const { actions } = visit.texts.account.activity;
      const filters = {
        subject: idIn(parameter(visit, 'subject') ?? null),
        actor: idIn(parameter(visit, 'actor') ?? null),
        action: parameter(visit, 'action'),
        outcome: OUTCOMES.find((each) => each === parameter(visit, 'outcome')),
      };
      const query = { ...filters, cursor: parameter(visit, 'cursor'), limit: PAGE_SIZE };
      const outcome = await attempt(['validation_failed'], () => auditRecord.list(query));
      const error = 'error' in outcome ? outcome.error : undefined;
      const { items, nextCursor } =
        'error' in outcome ? { items: [], nextCursor: null } : outcome.result;
      const idField = (name: 'subject' | 'actor') => ({
        name,
        label: audit[name],
        autocomplete: 'off' as const,
        inputMode: 'numeric' as const,
        value: filters[name]?.toString(),
        maxLength: 15,
      });
      const content = markup`${filterForm(visit, AUDIT, [
        idField('subject'),
        idField('actor'),
        {
          name: 'action',
          label: audit.action,
          autocomplete: 'off',
          value: filters.action,
          options: [['', any], ...Object.entries(actions)],
        },
        {
          name: 'outcome',
          label: audit.outcome,
          autocomplete: 'off',
          value: filters.outcome,
          options: [['', any], ...OUTCOMES.map((each) => [each, outcomes[each]] as const)],
        },
      ])}
${error && problemNotice(visit, error)}<ul class="rows">
${items.map((entry) => entryRow(visit, entry))}</ul>
${pageLinks(visit, AUDIT, { filters, nextCursor })}`;
      return { title: audit.title, content, ...failureOf(error) };
    },
  },
];

/** An event, with what administrators see of it besides. */
export function entryRow(visit: StaffVisit, entry: AuditEntry): Markup {
  const { audit } = ADMIN_TEXTS[visit.locale];
  const { subjectId, actorId, detail } = entry;
  const details = Object.entries(detail).map(([name, value]) => `${name}: ${textOf(value)}`);
  return eventRow(
    visit,
    entry,
    markup`<p class="hint">${
      subjectId !== null && markup`${audit.of} ${userLink(visit, subjectId, `#${subjectId}`)}`
    }${
      actorId !== null &&
      actorId !== subjectId &&
      markup`, ${audit.by} ${userLink(visit, actorId, `#${actorId}`)}`
    }</p>
${details.map((text) => markup`<p class="hint"><bdi>${text}</bdi></p>\n`)}`,
  );
}

const textOf = (value: unknown): string =>
  Array.isArray(value)
    ? value.join(', ')
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
