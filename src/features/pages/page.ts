import type { Markup } from '../../core/http/markup.ts';
import type { PageFile, PagePolicy, PageStatus, ReadUpload } from '../../core/http/pages.ts';
import type { Requester } from '../codes/requests.ts';
import type { Locale } from '../messages/message.ts';
import type { LiveSession } from '../sessions/session.ts';
import type { User } from '../users/user.ts';
import type { Texts } from './texts/texts.ts';

/** A user who is logged in to the pages. */
export interface PageLogin {
  readonly user: User;
  readonly session: LiveSession;
  /** Read on the pages of administrators only. */
  readonly roles?: readonly string[];
}

/** One request for a page. */
export interface Visit {
  readonly texts: Texts;
  readonly locale: Locale;
  /** `undefined` if the visitor is not logged in. */
  readonly login: PageLogin | undefined;
  readonly requester: Requester;
  /** What the browser has as the token of this device. */
  readonly deviceToken: string | undefined;
  /** The parameters of the address. */
  readonly query: URLSearchParams;
  /** The token that its forms carry. */
  readonly formToken: string;
  /** Returns the address of a page by its path, such as `/account/login`. */
  href(path: string): string;
}

/** A visit of a user who is logged in. */
export interface UserVisit extends Visit {
  readonly login: PageLogin;
}

/** A visit of somebody who may read what administrators see. */
export interface StaffVisit extends Visit {
  readonly login: PageLogin & { readonly roles: readonly string[] };
}

/** What a page shows, in the frame of all pages. */
export interface View {
  readonly title: string;
  readonly content: Markup;
  /** Default: 200. */
  readonly status?: PageStatus;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  /** What it may load and do besides what all pages may. */
  readonly policy?: PagePolicy;
  /** The paths of its own scripts. */
  readonly scriptPaths?: readonly string[];
  /** The page of the navigation that it belongs to. Default: none, or itself. */
  readonly section?: string;
}

/** The page that follows: its path, and a message that it shows once. */
export interface Next {
  readonly to: string;
  readonly cookies?: readonly string[];
}

/** A file to save. */
export interface Download {
  readonly file: PageFile;
  readonly cookies?: readonly string[];
}

export type Outcome = View | Next | Download;

/** What a page does. */
export interface PageSteps<Visitor extends Visit> {
  /** Shows the page. Changes nothing. Left out for the target of a form that another page shows. */
  readonly show?: (visit: Visitor) => Outcome | Promise<Outcome>;
  /** Does what its form is for. */
  readonly submit?: (visit: Visitor, fields: URLSearchParams) => Promise<Outcome>;
  /** Takes a file that its script sends by PUT, with the token of its forms in the field `Form-Token` of the header. */
  readonly upload?: (visit: Visitor, read: ReadUpload) => Promise<Outcome>;
}

/**
 * A page for everybody; `user`: for users who are logged in; `fresh`: who have authenticated recently. `staff`: for
 * administrators and supporters; `admin`: for administrators who have authenticated recently.
 */
export type Page = {
  readonly path: string;
  /** True for a page for everybody that has more for users who are logged in: a login can lead back to it. */
  readonly isTarget?: boolean;
  /** The parameters of the address without which it is another page. A login leads back to it with them. */
  readonly keeps?: readonly string[];
} & (
  | ({ readonly access: 'open' } & PageSteps<Visit>)
  | ({ readonly access: 'user' | 'fresh' } & PageSteps<UserVisit>)
  | ({ readonly access: 'staff' | 'admin' } & PageSteps<StaffVisit>)
);
