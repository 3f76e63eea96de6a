/** The texts of one language. Headings and buttons are the button of the mail that the link stands in. */
export interface PageTexts {
  /** What the user does instead of the link that logs in. */
  readonly login: string;
  /** What the button of `undo` does. */
  readonly undo: string;
  /** What has happened, and what the user does next. */
  readonly done: Readonly<Record<'verify' | 'reset' | 'change' | 'undo', string>>;
  /** The label of the field of the new password. */
  readonly password: string;
  readonly show: string;
  readonly needsScript: string;
  /** The address of the page has no token. */
  readonly incomplete: string;
  /** Stands before the reason why the link is not accepted. */
  readonly failed: string;
  /** Stands before the reason why the password is not accepted. */
  readonly weak: string;
  /** Stands before any other failure. With `{time}`, such as "in 5 minutes". */
  readonly retry: string;
}
