import { AppError, type FieldError } from '../../core/errors.ts';
import { type Markup, markup } from '../../core/http/markup.ts';
import { type ErrorCode, PROBLEMS } from '../../core/problems.ts';
import { tokenField } from './layout.ts';
import type { View, Visit } from './page.ts';

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
  /** The values to choose from, with their labels. */
  readonly options?: readonly (readonly [value: string, label: string])[];
  /** What the user has entered before. Never a secret. */
  readonly value?: string | undefined;
  readonly inputMode?: 'numeric';
  readonly maxLength?: number;
  /** True to hide it once the script has found the link in the address. */
  readonly isReplacedByLink?: boolean;
}

interface FormParts {
  readonly fields: readonly Field[];
  readonly button: string;
  /** The path that it is sent to. Default: that of the page. */
  readonly action?: string;
  /** What was wrong with the form as it was sent before. */
  readonly error?: AppError | undefined;
  /** Links and hints below the button. */
  readonly below?: Markup | undefined;
  /** What was wrong with fields besides, by their names, in the language of the user. */
  readonly notes?: Readonly<Record<string, string>>;
  /** The account that its password belongs to, for password managers. */
  readonly username?: string | null;
  /** Values that it carries along, by name. */
  readonly carried?: Readonly<Record<string, string>>;
  /** True if the script puts the token of a link into its field `link`. */
  readonly takesLink?: boolean;
  /** Begins the ids of its fields. For a page of several forms with the same fields. */
  readonly idPrefix?: string;
  /** True if its button is not the main one of the page. */
  readonly isQuiet?: boolean;
  /** True if what it does cannot be undone. */
  readonly isDangerous?: boolean;
}

/** Returns a form, with what was wrong with it beside the fields. */
export function formOf(visit: Visit, parts: FormParts): Markup {
  const {
    fields,
    button,
    action,
    error,
    below,
    notes = {},
    username,
    carried = {},
    takesLink,
    idPrefix = '',
    isQuiet,
    isDangerous,
  } = parts;
  const { frame } = visit.texts;
  const rejected = error?.fields ?? [];
  const hasPassword = fields.some(({ type }) => type === 'password');
  return markup`${error && problemNotice(visit, error)}
<form method="post"${action === undefined ? '' : markup` action="${visit.href(action)}"`}${
    takesLink ? markup` data-link` : ''
  }>
${tokenField(visit)}
${hiddenFields(carried)}${username && usernameOf(username)}${fields.map((field) => {
  const id = idPrefix + field.name;
  const note = notes[field.name];
  const at = `#/${field.name}`;
  const rejection = rejected.find(({ pointer }) => pointer === at || pointer.startsWith(`${at}/`));
  const problem =
    note === undefined ? rejection && fieldProblem(visit, id, rejection) : noteOf(id, note);
  const shown = fieldOf(field, id, problem);
  return field.isReplacedByLink ? markup`<div data-without-link>${shown}</div>` : shown;
})}
${
  hasPassword
    ? markup`<p><label class="choice" hidden><input type="checkbox" data-show> ${frame.show}</label></p>`
    : ''
}
<p><button${isQuiet ? markup` class="quiet"` : ''}${isDangerous ? markup` class="danger"` : ''}>${button}</button></p>
</form>
${below}`;
}

/** The form of one button. */
export const actionForm = (visit: Visit, parts: ActionParts): Markup => {
  const { carried, button, label, action, isAgain = false } = parts;
  return markup`<form method="post"${
    action === undefined ? '' : markup` action="${visit.href(action)}"`
  }${isAgain ? markup` data-again` : ''}>
${tokenField(visit)}
${hiddenFields(carried)}<button class="quiet"${
    label === undefined ? '' : markup` aria-label="${label}"`
  }>${button}</button></form>`;
};

interface ActionParts {
  /** Values that it carries along, by name. */
  readonly carried: Readonly<Record<string, string>>;
  readonly button: string;
  /** The path that it is sent to. Default: that of the page. */
  readonly action?: string;
  /** The name of the button, where several have the same words. It begins with them. */
  readonly label?: string;
  /** True if it may be sent several times, because its page stays. */
  readonly isAgain?: boolean;
}

const hiddenFields = (values: Readonly<Record<string, string>>): readonly Markup[] =>
  Object.entries(values).map(
    ([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">\n`,
  );

const usernameOf = (username: string): Markup =>
  markup`<input type="text" value="${username}" autocomplete="username" hidden>\n`;

/** One field with its label. @param problem what was wrong with it */
export function fieldOf(field: Field, id: string, problem?: Markup): Markup {
  const { label, hint, isOptional } = field;
  const describedBy = [hint && `${id}-hint`, problem && `${id}-error`].filter(Boolean).join(' ');
  const attributes = markup`${isOptional ? '' : markup` required`}${
    describedBy ? markup` aria-describedby="${describedBy}"` : ''
  }${problem ? markup` aria-invalid="true" autofocus` : ''}`;
  return markup`<p><label for="${id}">${label}</label>
${control(field, id, attributes)}</p>
${hint && markup`<p class="hint" id="${id}-hint">${hint}</p>`}
${problem}`;
}

function control(field: Field, id: string, attributes: Markup): Markup {
  if (field.options) return choice(field, id, attributes);
  return field.type === 'textarea' ? textArea(field, id, attributes) : input(field, id, attributes);
}

const choice = ({ name, value, options = [] }: Field, id: string, attributes: Markup) =>
  markup`<select id="${id}" name="${name}"${attributes}>${options.map(
    ([each, label]) =>
      markup`<option value="${each}"${each === value ? markup` selected` : ''}>${label}</option>`,
  )}</select>`;

// The parser of HTML drops the first line feed.
const textArea = ({ name, value, maxLength = 256 }: Field, id: string, attributes: Markup) =>
  markup`<textarea id="${id}" name="${name}" rows="5" maxlength="${maxLength}"${attributes}>\n${value}</textarea>`;

function input(field: Field, id: string, attributes: Markup): Markup {
  const { name, type = 'text', autocomplete, value } = field;
  return markup`<input id="${id}" name="${name}" type="${type}" autocomplete="${autocomplete}"${
    type === 'password' ? markup` data-password` : ''
  }${
    type === 'text' && autocomplete !== 'name'
      ? markup` autocapitalize="none" spellcheck="false"`
      : ''
  }${field.inputMode ? markup` inputmode="${field.inputMode}"` : ''} maxlength="${field.maxLength ?? 256}"${
    value === undefined ? '' : markup` value="${value}"`
  }${attributes}>`;
}

const noteOf = (id: string, note: string, language?: Markup): Markup =>
  markup`<p class="error" id="${id}-error"${language}>${note}</p>`;

function fieldProblem({ texts }: Visit, id: string, problem: FieldError): Markup {
  const known: Readonly<Record<string, string>> = texts.frame.fieldProblems;
  const [count] = /-?\d+(?:\.\d+)?/.exec(problem.message) ?? [];
  const code = problem.code === 'too_short' && count === undefined ? 'required' : problem.code;
  const text = Object.hasOwn(known, code)
    ? known[code]?.replace('{count}', count ?? '')
    : undefined;
  // A problem without a text of its own is in English, like the API.
  return text === undefined ? noteOf(id, problem.message, markup` lang="en"`) : noteOf(id, text);
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

/** The part of a view that answers a failure: its status, and header fields such as `Retry-After`. */
export const failureOf = (error: AppError | undefined): Pick<View, 'status' | 'headers'> => {
  if (!error) return {};
  const { status, headers } = PROBLEMS[error.code];
  return { status, headers: { ...headers, ...error.headers } };
};
