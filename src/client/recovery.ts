import type { AnswerOf, CallOptions, Request, Schema } from './operation.ts';

/** A kind of address of an account. */
export type Channel = Schema<'VerificationRequest'>['channel'];

/** What the user has received: the token of a link, or a code and the name that it was requested for. */
export type LinkOrCode =
  | { readonly token: string }
  | { readonly username: string; readonly code: string };

/** What proves an address: the token of a link, or a code of the user who is logged in. */
export type VerificationProof =
  | { readonly token: string }
  | { readonly channel: Channel; readonly code: string };

/**
 * Methods for messages with links and codes. Those that need no login send no access token, so that a session that has
 * ended cannot make them fail.
 */
export interface Recovery {
  /** Sends a link and a code that verify an address of the user. */
  requestVerification(
    channel: Channel,
    options?: CallOptions,
  ): Promise<AnswerOf<'POST', '/auth/verification'>>;
  /** Verifies an address. A link needs no login; a code needs that of its user. */
  verify(
    proof: VerificationProof,
    options?: CallOptions,
  ): Promise<AnswerOf<'POST', '/auth/verification/confirm'>>;
  /** Same as `verify`. */
  confirmVerification: Recovery['verify'];
  /**
   * Sends a link and a code that reset the password. Succeeds also if the name has no account, or was sent a message
   * less than a minute ago.
   *
   * @param username email address or phone number
   */
  forgotPassword(
    username: string,
    options?: CallOptions,
  ): Promise<AnswerOf<'POST', '/auth/password/forgot'>>;
  /**
   * Sets a new password by a link or a code. The server ends every session of the user, also that of this client. Does
   * not log in. A `weak_password` does not use up the link or the code.
   *
   * @example
   * ```ts
   * await client.resetPassword({ token, new_password: 'difference engine' });
   * ```
   */
  resetPassword(
    reset: LinkOrCode & { readonly new_password: string },
    options?: CallOptions,
  ): Promise<AnswerOf<'POST', '/auth/password/reset'>>;
  /**
   * Sends a link and a code that log in. Succeeds also if no account has verified the address.
   *
   * @param username email address or phone number
   */
  requestLoginCode(
    username: string,
    options?: CallOptions,
  ): Promise<AnswerOf<'POST', '/auth/code'>>;
  /** Logs in by a link or a code. An abort or a `logOut` has the same effect as for `logIn`. */
  logInByCode(proof: LinkOrCode, options?: CallOptions): Promise<void>;
  /** Sends a code for `reauthenticate` to a verified address of the user. */
  requestReauthenticationCode(
    options?: CallOptions,
  ): Promise<AnswerOf<'POST', '/auth/reauthenticate/code'>>;
  /**
   * Sends a link to a new email address. The address changes when `confirmEmail` is called with its token. Throws
   * `reauthentication_required` if the last login was more than 10 minutes ago.
   */
  changeEmail(
    email: string,
    options?: CallOptions,
  ): Promise<AnswerOf<'POST', '/auth/email/change'>>;
  /** Changes the email address by the token of a link. Needs no login. */
  confirmEmail(
    token: string,
    options?: CallOptions,
  ): Promise<AnswerOf<'POST', '/auth/email/confirm'>>;
  /** Same as `changeEmail`, with a code for `confirmPhone` in a text message to the new number. */
  changePhone(
    phone: string,
    options?: CallOptions,
  ): Promise<AnswerOf<'POST', '/auth/phone/change'>>;
  /** Changes the phone number by a code. Needs the login of its user. */
  confirmPhone(
    code: string,
    options?: CallOptions,
  ): Promise<AnswerOf<'POST', '/auth/phone/confirm'>>;
  /**
   * Restores a replaced address, or takes an address away from an account that has not verified it, by the token of a
   * "this was not me" link. The server ends every session of the account and removes its password. A token of the other
   * channel throws `invalid_code` and is not used up.
   */
  undo(
    channel: Channel,
    token: string,
    options?: CallOptions,
  ): Promise<AnswerOf<'POST', '/auth/email/undo' | '/auth/phone/undo'>>;
  /** Same as `undo` of `email`. */
  undoEmail(token: string, options?: CallOptions): Promise<AnswerOf<'POST', '/auth/email/undo'>>;
  /** Same as `undo` of `phone`. */
  undoPhone(token: string, options?: CallOptions): Promise<AnswerOf<'POST', '/auth/phone/undo'>>;
}

interface RecoveryParts {
  /** Calls an operation with the access token. */
  readonly request: Request;
  /** Calls an operation without it. */
  readonly requestOpen: Request;
  readonly logInByCode: Recovery['logInByCode'];
}

export function createRecovery({ request, requestOpen, logInByCode }: RecoveryParts): Recovery {
  const verify: Recovery['verify'] = (body, options) =>
    ('token' in body ? requestOpen : request)('POST', '/auth/verification/confirm', {
      ...options,
      body,
    });
  const undoEmail: Recovery['undoEmail'] = (token, options) =>
    requestOpen('POST', '/auth/email/undo', { ...options, body: { token } });
  const undoPhone: Recovery['undoPhone'] = (token, options) =>
    requestOpen('POST', '/auth/phone/undo', { ...options, body: { token } });
  return {
    requestVerification: (channel, options) =>
      request('POST', '/auth/verification', { ...options, body: { channel } }),
    verify,
    confirmVerification: verify,
    forgotPassword: (username, options) =>
      requestOpen('POST', '/auth/password/forgot', { ...options, body: { username } }),
    resetPassword: (body, options) =>
      requestOpen('POST', '/auth/password/reset', { ...options, body }),
    requestLoginCode: (username, options) =>
      requestOpen('POST', '/auth/code', { ...options, body: { username } }),
    logInByCode,
    requestReauthenticationCode: (options) => request('POST', '/auth/reauthenticate/code', options),
    changeEmail: (email, options) =>
      request('POST', '/auth/email/change', { ...options, body: { email } }),
    confirmEmail: (token, options) =>
      requestOpen('POST', '/auth/email/confirm', { ...options, body: { token } }),
    changePhone: (phone, options) =>
      request('POST', '/auth/phone/change', { ...options, body: { phone } }),
    confirmPhone: (code, options) =>
      request('POST', '/auth/phone/confirm', { ...options, body: { code } }),
    undo: (channel, token, options) =>
      (channel === 'email' ? undoEmail : undoPhone)(token, options),
    undoEmail,
    undoPhone,
  };
}
