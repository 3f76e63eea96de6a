import { z } from '@hono/zod-openapi';
import type { AppError } from '../../core/errors.ts';
import { codeField, linkTokenField } from '../codes/fields.ts';
import { presentedIn } from '../codes/requester.ts';
import type { Presented } from '../codes/used.ts';
import { usernameField } from '../users/fields.ts';
import { entered } from './fields.ts';
import type { Field } from './form.ts';
import type { Visit } from './page.ts';

/** A whole link as it stands in a message, or its token, which stands after `#`. */
const pastedLinkField = z
  .string()
  .transform((link) => link.slice(link.lastIndexOf('#') + 1).trim())
  .pipe(linkTokenField);

/** Six digits, also if spaces separate them. */
export const enteredCodeField = z
  .string()
  .transform((code) => code.replace(/\s/g, ''))
  .pipe(codeField);

export const linkSchema = z.object({ link: pastedLinkField });

/** The fields of a form that takes a link or a code. A link makes the others superfluous, which browsers fill in. */
export const presentedFields = {
  link: pastedLinkField.optional(),
  username: usernameField.optional(),
  code: enteredCodeField.optional(),
};

interface PresentedFields {
  readonly link?: string | undefined;
  readonly username?: string | undefined;
  readonly code?: string | undefined;
}

/** Requires a link, or a name with its code. */
export const linkOrCode = <Schema extends z.ZodType<PresentedFields>>(schema: Schema) =>
  schema
    .refine(({ link, code }) => link !== undefined || code !== undefined, {
      path: ['code'],
      error: 'requires a code or a link',
      params: { code: 'required' },
    })
    .refine(
      ({ link, username, code }) =>
        link !== undefined || code === undefined || username !== undefined,
      { path: ['username'], error: 'must accompany the code', params: { code: 'required' } },
    );

/** What the form presents, and the name that its tries count for: none for a link. */
export function presentedOf({ link: token, username = '', code }: PresentedFields): {
  readonly presented: Presented;
  readonly name: string;
} {
  const presented = presentedIn(token === undefined ? { username, code } : { token });
  return { presented, name: token === undefined ? username : '' };
}

/** The link that a form was sent with, to carry it to the form that is shown again; `undefined` if it is of no use. */
export function keptLink(
  fields: URLSearchParams | undefined,
  error: AppError | undefined,
): string | undefined {
  const isWrong =
    error?.code === 'invalid_code' || error?.fields.some(({ pointer }) => pointer === '#/link');
  const { success, data } = linkSchema.shape.link.safeParse(entered(fields, 'link'));
  return success && !isWrong ? data : undefined;
}

/**
 * The parts of a form that takes a link: the one that it was sent with, or else fields for it.
 *
 * @param sent how it was sent before, and with which error
 */
export function linkParts(
  sent: { readonly fields: URLSearchParams | undefined; readonly error: AppError | undefined },
  fields: readonly Field[],
) {
  const link = keptLink(sent.fields, sent.error);
  return link === undefined
    ? { takesLink: true, fields, carried: {} }
    : { takesLink: true, fields: [], carried: { link } };
}

/** The field for a link without a script. */
export const linkFieldOf = (
  { texts }: Visit,
  { isOptional = false }: { readonly isOptional?: boolean } = {},
): Field => ({
  name: 'link',
  label: texts.frame.fields.link,
  autocomplete: 'off',
  isOptional,
  maxLength: 1024,
  isReplacedByLink: true,
});

/** The field for a code of six digits. Short, but long enough for spaces. */
export const codeFieldOf = ({ texts }: Visit): Field => ({
  name: 'code',
  label: texts.frame.fields.code,
  autocomplete: 'one-time-code',
  inputMode: 'numeric',
  maxLength: 16,
});

export const usernameFieldOf = ({ texts }: Visit, fields: URLSearchParams | undefined): Field => ({
  name: 'username',
  label: texts.frame.fields.username,
  autocomplete: 'username',
  value: entered(fields, 'username'),
  maxLength: 1024,
});

/** The field for the password of the account, as it is. */
export const passwordFieldOf = ({ texts }: Visit): Field => ({
  name: 'password',
  label: texts.frame.fields.password,
  type: 'password',
  autocomplete: 'current-password',
  maxLength: 1024,
});

/** The fields of a form that takes either. The code is not shown again if it was wrong. */
export function presentedFieldsOf(
  visit: Visit,
  fields: URLSearchParams | undefined,
  error: AppError | undefined,
): readonly Field[] {
  const isCodeWrong = error?.code === 'invalid_code';
  const optional = { isOptional: true, isReplacedByLink: true };
  return [
    { ...usernameFieldOf(visit, fields), ...optional },
    {
      ...codeFieldOf(visit),
      ...optional,
      value: isCodeWrong ? undefined : entered(fields, 'code'),
    },
    linkFieldOf(visit, optional),
  ];
}
