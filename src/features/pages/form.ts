import { AppError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import type { PageStatus } from '../../core/http/pages.ts';
import { type ErrorCode, PROBLEMS } from '../../core/problems.ts';
import { tokenField } from './layout.ts';
import type { Visit } from './page.ts';

/** A field of a form. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'email' | 'tel' | 'password' | 'textarea';
  /** What browsers and password managers fill in (HTML, section 4.10.18.7). */
  readonly autocomplete:
    | 'username'
    | 'current-password'
    | 'new-password'
    | 'one-time-code'
    | 'name'
    | 'email'
    | 'tel'
    | 'off';
  readonly hint?: string;
  readonly isOptional?: boolean;
  /** What the user has entered before. Never a secret. */
  readonly value?: string | undefined;
  readonly inputMode?: 'numeric';
  readonly maxLength?: number;
}

interface FormParts {
  readonly fields: readonly Field[];
  readonly button: string;
  /** True if what it does cannot be undone. */
  readonly isDangerous?: boolean;
  /** The path that it is sent to. Default: that of the page. */
  readonly action?: string;
  /** Values that it sends besides its fields. */
  readonly values?: Readonly<Record<string, string>>;
  /** The account that its password belongs to, for password managers. */
  readonly username?: string | null;
  /** What was wrong with the form as it was sent before. */
  readonly error?: AppError | undefined;
  /** What was wrong with fields, by their names, in the language of the user. */
  readonly notes?: Readonly<Record<string, string>>;
  /** Links and hints below the button. */
  readonly below?: Markup;
}

/** Returns a form, with what was wrong with it beside the fields. */
export function formOf(visit: Visit, parts: FormParts): Markup {
  const { fields, button, isDangerous, action, values = {}, username } = parts;
  const { error, notes = {}, below } = parts;
  const { frame } = visit.texts;
  /** The rules that the API names are English. */
  function noteOf(name: string): Note | undefined {
    const note = notes[name];
    if (note !== undefined) return { words: note };
    const rejected = error?.fields.find(({ pointer }) => pointer === `#/${name}`);
    return rejected && { words: rejected.message, lang: 'en' };
  }
  const hasPassword = fields.some(({ type }) => type === 'password');
  return markup`${error && problemNotice(visit, error)}
<form method="post"${action === undefined ? '' : markup` action="${visit.href(action)}"`}>
${tokenField(visit)}${hiddenFields(values)}
${
  username &&
  markup`<input type="text" name="username" value="${username}" autocomplete="username" hidden>`
}
${fields.map((field) => fieldOf(field, noteOf(field.name)))}
${
  hasPassword
    ? markup`<p><label class="choice" hidden><input type="checkbox" data-show> ${frame.show}</label></p>`
    : ''
}
<p><button${isDangerous ? markup` class="danger"` : ''}>${button}</button></p>
</form>
${below}`;
}

/** What was wrong with a field. */
interface Note {
  readonly words: string;
  /** Default: the language of the page. */
  readonly lang?: string;
}

/** The form of one button. */
export const actionForm = (
  visit: Visit,
  {
    values,
    button,
    label,
    isAgain = false,
  }: {
    readonly values: Readonly<Record<string, string>>;
    readonly button: string;
    /** The name of the button, where several have the same text. It begins with that text. */
    readonly label?: string;
    /** True if it may be sent several times, because its page stays. */
    readonly isAgain?: boolean;
  },
): Markup =>
  markup`<form method="post"${isAgain ? markup` data-again` : ''}>${tokenField(visit)}${hiddenFields(
    values,
  )}<button class="quiet"${label === undefined ? '' : markup` aria-label="${label}"`}>${button}</button></form>`;

const hiddenFields = (values: Readonly<Record<string, string>>): readonly Markup[] =>
  Object.entries(values).map(
    ([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">`,
  );

function fieldOf(field: Field, problem: Note | undefined): Markup {
  const { name, label, type = 'text', autocomplete, hint, isOptional, value } = field;
  const maxLength = field.maxLength ?? 256;
  const describedBy = [hint && `${name}-hint`, problem && `${name}-error`]
    .filter(Boolean)
    .join(' ');
  const state = markup`${isOptional ? '' : markup` required`}${
    describedBy ? markup` aria-describedby="${describedBy}"` : ''
  }${problem ? markup` aria-invalid="true" autofocus` : ''}`;
  const around = (input: Markup) => markup`<p><label for="${name}">${label}</label>
${input}</p>
${hint && markup`<p class="hint" id="${name}-hint">${hint}</p>`}
${
  problem &&
  markup`<p class="error" id="${name}-error"${
    problem.lang === undefined ? '' : markup` lang="${problem.lang}"`
  }>${problem.words}</p>`
}`;
  if (type === 'textarea') {
    // The parser of HTML drops the first line feed.
    return around(
      markup`<textarea id="${name}" name="${name}" rows="5" maxlength="${maxLength}"${state}>\n${value}</textarea>`,
    );
  }
  return around(
    markup`<input id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}"${
      type === 'password' ? markup` data-password` : ''
    }${
      type === 'text' && autocomplete !== 'name'
        ? markup` autocapitalize="none" spellcheck="false"`
        : ''
    }${field.inputMode ? markup` inputmode="${field.inputMode}"` : ''} maxlength="${maxLength}"${
      value === undefined ? '' : markup` value="${value}"`
    }${state}>`,
  );
}

/** Says what was wrong. A screen reader reads it as soon as the page is shown. */
export const problemNotice = (visit: Visit, error: AppError): Markup =>
  markup`<p class="notice bad" role="alert">${problemText(visit, error.code)}</p>`;

export function problemText({ texts }: Visit, code: ErrorCode): string {
  const problems: Readonly<Partial<Record<ErrorCode, string>>> = texts.frame.problems;
  return problems[code] ?? texts.frame.problem;
}

/**
 * Runs what a form is for. An expected failure shows the form again.
 *
 * @param expected the codes that concern the form
 */
export async function attempt<Result>(
  expected: readonly ErrorCode[],
  work: () => Promise<Result>,
): Promise<{ readonly result: Result } | { readonly error: AppError }> {
  try {
    return { result: await work() };
  } catch (error) {
    if (error instanceof AppError && expected.includes(error.code)) return { error };
    throw error;
  }
}

/** The status of a form that is shown again. */
export const statusOf = ({ code }: AppError): PageStatus => PROBLEMS[code].status;
