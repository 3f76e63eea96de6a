import { type Markup, markup } from '../../core/http/markup.ts';
import { agentName } from './agent.ts';
import { actionForm } from './form.ts';
import type { Visit } from './page.ts';
import { timeOf, timeText } from './time.ts';

interface AgentRow {
  readonly of: {
    readonly userAgent: string | null;
    /** Milliseconds since 1970. */
    readonly createdAt: number;
    readonly lastUsedAt: number;
    readonly address: string | null;
  };
  /** What its times are called. */
  readonly labels: { readonly created: string; readonly used: string };
  /** What its button sends, and says. Default: no button. */
  readonly carried?: Readonly<Record<string, string>>;
  readonly button?: string;
  /** Stands in place of the button. */
  readonly mark?: string | undefined;
}

/** A row of a list of browsers, with a button whose name tells it from those of the other rows. */
export function agentRow(
  visit: Visit,
  { of, labels, carried = {}, button, mark }: AgentRow,
): Markup {
  const { agent, address } = visit.texts.account;
  const name = agentName(of.userAgent, agent);
  const hint = (label: string, value: Markup) => markup`<p class="hint">${label}: ${value}</p>\n`;
  return markup`<li><div><strong><bdi>${name}</bdi></strong>${mark && ` (${mark})`}
${hint(labels.created, timeOf(visit, of.createdAt))}${hint(labels.used, timeOf(visit, of.lastUsedAt))}${
  of.address !== null && hint(address, markup`<bdi>${of.address}</bdi>`)
}</div>
${
  !mark &&
  button !== undefined &&
  actionForm(visit, {
    carried,
    button,
    label: `${button}: ${name}, ${timeText(visit, of.createdAt)}`,
  })
}</li>
`;
}
