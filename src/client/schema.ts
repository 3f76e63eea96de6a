// Made by `npm run client:generate` from the OpenAPI document. Change the routes, not this.
export interface paths {
    readonly "/auth/signup": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Sign up with an email address
         * @description Makes an account. Logging in is a call of its own.
         */
        readonly post: operations["signUp"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/login": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Log in by form
         * @description The OAuth2 password form (RFC 6749 section 4.3.2). Says the same for an unknown name and a wrong password. From a browser, only pages of this host or of an origin in `CORS_ORIGINS` may log in.
         */
        readonly post: operations["logIn"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/refresh": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Get new tokens
         * @description Takes the newest refresh token and gives the next one. For a few seconds its parent is taken too and gives the same next one: a client whose answer was lost may just ask again. An older one ends the session.
         */
        readonly post: operations["refreshTokens"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/logout": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Log out
         * @description Ends the session of the access token, at once and with all its tokens.
         */
        readonly post: operations["logOut"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/password/change": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Change your password
         * @description Needs the current one. Ends all your sessions, this one too, and starts a new one: store its tokens, as after a login.
         */
        readonly post: operations["changePassword"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/sessions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * See where you are logged in
         * @description Your sessions that have not ended, the newest first.
         */
        readonly get: operations["listSessions"];
        readonly put?: never;
        readonly post?: never;
        /**
         * End your other sessions
         * @description Ends all your sessions but this one; with `all=true`, this one too.
         */
        readonly delete: operations["endSessions"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/sessions/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * End one of your sessions
         * @description Its tokens are refused from the next request on. An id that is not yours is not found.
         */
        readonly delete: operations["endSession"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/auth/activity": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * See what happened to your account
         * @description Logins, changes and the like, the newest first, 100 a page.
         */
        readonly get: operations["listActivity"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/profile/me": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read your profile
         * @description The profile of the user whom the access token names.
         */
        readonly get: operations["getProfile"];
        /**
         * Change your profile
         * @description A member that is missing or null stays as it is; an empty string is set.
         */
        readonly put: operations["updateProfile"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        /**
         * Change your profile by merge patch
         * @description JSON merge patch (RFC 7396): a missing member stays as it is, null clears it.
         */
        readonly patch: operations["patchProfile"];
        readonly trace?: never;
    };
    readonly "/api/v1/auth/signup": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Sign up with a phone number
         * @description Creates an account and logs in to it. From a browser, only for pages of this host or of an origin in `CORS_ORIGINS`.
         */
        readonly post: operations["signUpByPhone"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/auth/login": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Log in with a phone number
         * @description Takes `phone` or, instead, `email`. Says the same for an unknown name and a wrong password. From a browser, only pages of this host or of an origin in `CORS_ORIGINS` may log in.
         */
        readonly post: operations["logInByPhone"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/api/v1/user/profile": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Read your profile in the envelope
         * @description The profile of the user whom the access token names.
         */
        readonly get: operations["getProfileByPhone"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/.well-known/jwks.json": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Keys to verify access tokens with
         * @description A JWK set (RFC 7517): the key in use, the next one, and those whose last tokens may still be about. Empty where tokens are signed by HS256. Whoever verifies by it cannot see that a session has ended.
         */
        readonly get: operations["getPublicKeys"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/healthz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Is the process up
         * @description Answers without touching the database, under overload too.
         */
        readonly get: operations["getHealth"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/readyz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Can it serve
         * @description Asks the database, and for the keys that tokens are signed with.
         */
        readonly get: operations["getReadiness"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description The new account. */
        readonly SignedUpUser: {
            /**
             * @description Identifies the account. Never used again after a delete.
             * @example 1
             */
            readonly id: number;
            /**
             * Format: idn-email
             * @description Email address. Shown as entered; unique without regard to letter case.
             * @example ada@example.com
             */
            readonly email: string | null;
            /**
             * @description Name to show.
             * @example Ada Lovelace
             */
            readonly name: string | null;
            /**
             * @description About the person, in their words. May have line breaks.
             * @example First programmer.
             */
            readonly bio: string;
        };
        /** @description Problem details with the fields that were refused. */
        readonly ValidationProblem: components["schemas"]["Problem"] & {
            /** @description Each field that was refused. */
            readonly errors: readonly {
                /**
                 * @description JSON pointer to the field.
                 * @example #/email
                 */
                readonly pointer: string;
                /**
                 * @description The rule that was broken.
                 * @example invalid_email
                 */
                readonly code: string;
                /**
                 * @description The rule in words.
                 * @example must be an email address
                 */
                readonly message: string;
            }[];
        };
        /** @description Problem details (RFC 9457). */
        readonly Problem: {
            /**
             * @description Names the kind of problem; the same for every occurrence.
             * @example urn:latchkey:problem:not_authenticated
             */
            readonly type: string;
            /**
             * @description The kind in words.
             * @example Not authenticated
             */
            readonly title: string;
            /**
             * @description The HTTP status.
             * @example 401
             */
            readonly status: number;
            /**
             * @description What to tell a person.
             * @example Not authenticated
             */
            readonly detail: string;
            /**
             * @description The cause, for a program to decide on. Never changes its meaning; later versions may add codes.
             * @example not_authenticated
             * @enum {string}
             */
            readonly code: "unreadable_body" | "malformed_json" | "malformed_precondition" | "request_timeout" | "email_taken" | "phone_taken" | "wrong_email_or_password" | "wrong_phone_or_password" | "wrong_current_password" | "weak_password" | "invalid_refresh_token" | "not_authenticated" | "invalid_token" | "origin_refused" | "not_found" | "method_not_allowed" | "precondition_failed" | "payload_too_large" | "uri_too_long" | "unsupported_media_type" | "validation_failed" | "too_many_requests" | "internal_error" | "misconfigured" | "database_unavailable" | "overloaded";
            /**
             * @description Names this occurrence.
             * @example urn:latchkey:request:0b9e6f0e-6f0a-4f7c-9a53-0d1f6c1f7a11
             */
            readonly instance: string;
            /**
             * @description The X-Request-Id of this answer; quote it when you report a problem.
             * @example 0b9e6f0e-6f0a-4f7c-9a53-0d1f6c1f7a11
             */
            readonly request_id: string;
        };
        /** @description A new account. */
        readonly SignUp: {
            /**
             * Format: idn-email
             * @description Email address. Shown as entered; unique without regard to letter case. White space around it is dropped.
             * @example ada@example.com
             */
            readonly email: string;
            /**
             * Format: password
             * @description Password of 8 characters at least, or as many as the server is set to ask for, up to 256 of any kind. Refused as `weak_password` if it is shorter, commonly used, like the email address or phone number, or known from a breach.
             * @example analytical engine
             */
            readonly password: string;
            /**
             * @description Name to show.
             * @example Ada Lovelace
             */
            readonly name?: string | null;
        };
        /** @description What a login gives (RFC 6749 section 5.1). */
        readonly Token: {
            /**
             * @description Access token (JWT), for the header `Authorization: Bearer`.
             * @example eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl
             */
            readonly access_token: string;
            /**
             * @description How to present the token.
             * @example bearer
             * @enum {string}
             */
            readonly token_type: "bearer";
            /**
             * @description Seconds until the access token ends.
             * @example 3600
             */
            readonly expires_in: number;
            /**
             * @description Refresh token, for `POST /auth/refresh`. Keep it where only your client reads.
             * @example x3JkzI6Qb3mCz0mYk2v9bA.0.VGhpcyBpcyBub3QgYSByZWFsIHJlZnJlc2ggdG9rZW4
             */
            readonly refresh_token: string;
        };
        /** @description Name and password. */
        readonly LogInForm: {
            /**
             * @description Email address or phone number of the account. White space around it is dropped.
             * @example ada@example.com
             */
            readonly username: string;
            /**
             * Format: password
             * @description Password of the account.
             * @example analytical engine
             */
            readonly password: string;
            /**
             * @description `grant_type` of the OAuth2 password form: accepted and ignored.
             * @example
             */
            readonly grant_type?: string;
            /**
             * @description `scope` of the OAuth2 password form: accepted and ignored.
             * @example
             */
            readonly scope?: string;
            /**
             * @description `client_id` of the OAuth2 password form: accepted and ignored.
             * @example
             */
            readonly client_id?: string;
            /**
             * @description `client_secret` of the OAuth2 password form: accepted and ignored.
             * @example
             */
            readonly client_secret?: string;
        };
        /** @description A refresh token. */
        readonly Refresh: {
            /**
             * @description The newest refresh token of the session.
             * @example x3JkzI6Qb3mCz0mYk2v9bA.0.VGhpcyBpcyBub3QgYSByZWFsIHJlZnJlc2ggdG9rZW4
             */
            readonly refresh_token: string;
        };
        /** @description The old password and the new one. */
        readonly PasswordChange: {
            /**
             * Format: password
             * @description The password you have now.
             * @example analytical engine
             */
            readonly current_password: string;
            /**
             * Format: password
             * @description Password of 8 characters at least, or as many as the server is set to ask for, up to 256 of any kind. Refused as `weak_password` if it is shorter, commonly used, like the email address or phone number, or known from a breach.
             * @example difference engine
             */
            readonly new_password: string;
        };
        /** @description Your sessions. */
        readonly Sessions: {
            /** @description The sessions. */
            readonly sessions: readonly components["schemas"]["Session"][];
        };
        /** @description One login of yours that has not ended. */
        readonly Session: {
            /**
             * @description Names the session.
             * @example x3JkzI6Qb3mCz0mYk2v9bA
             */
            readonly id: string;
            /**
             * @description Whether it is the one you ask with.
             * @example true
             */
            readonly current: boolean;
            /**
             * Format: date-time
             * @description Time (RFC 3339, UTC).
             * @example 2026-01-01T12:00:00.000Z
             */
            readonly created_at: string;
            /**
             * Format: date-time
             * @description Last use, to the minute (RFC 3339, UTC).
             * @example 2026-01-01T12:00:00.000Z
             */
            readonly last_used_at: string;
            /**
             * Format: date-time
             * @description When it ends however much it is used.
             * @example 2026-01-01T12:00:00.000Z
             */
            readonly expires_at: string;
            /**
             * @description How you logged in.
             * @example password
             */
            readonly method: string;
            /**
             * @description The User-Agent of the login, as it was given.
             * @example curl/8.5.0
             */
            readonly user_agent: string | null;
            /**
             * @description The network address of the login.
             * @example 203.0.113.7
             */
            readonly address: string | null;
            /**
             * @description The network of the last use, to the minute: an IPv4 address, or the /64 of an IPv6 address.
             * @example 203.0.113.7
             */
            readonly last_network: string | null;
        };
        /** @description A page of events. */
        readonly Activity: {
            /** @description The events. */
            readonly events: readonly components["schemas"]["ActivityEvent"][];
            /**
             * @description Where the next page begins; null on the last one.
             * @example 7
             */
            readonly next_cursor: string | null;
        };
        /** @description Something that happened to your account. */
        readonly ActivityEvent: {
            /**
             * @description Names the event; a later one is greater.
             * @example 7
             */
            readonly id: number;
            /**
             * Format: date-time
             * @description Time (RFC 3339, UTC).
             * @example 2026-01-01T12:00:00.000Z
             */
            readonly at: string;
            /**
             * @description What was done.
             * @example login
             */
            readonly action: string;
            /**
             * @description Whether it came about.
             * @example success
             * @enum {string}
             */
            readonly outcome: "success" | "failure";
            /**
             * @description The network address it came from.
             * @example 203.0.113.7
             */
            readonly address: string | null;
            /**
             * @description The User-Agent, as it was given.
             * @example curl/8.5.0
             */
            readonly user_agent: string | null;
            /**
             * @description The X-Request-Id of the request.
             * @example 0b9e6f0e-6f0a-4f7c-9a53-0d1f6c1f7a11
             */
            readonly request_id: string;
            /**
             * @description More about it, such as the names of changed fields.
             * @example {}
             */
            readonly detail: {
                readonly [key: string]: unknown;
            };
        };
        /** @description Your account as you see it. */
        readonly Profile: {
            /**
             * @description Identifies the account. Never used again after a delete.
             * @example 1
             */
            readonly id: number;
            /**
             * Format: idn-email
             * @description Email address. Shown as entered; unique without regard to letter case.
             * @example ada@example.com
             */
            readonly email: string | null;
            /**
             * @description Name to show.
             * @example Ada Lovelace
             */
            readonly name: string | null;
            /**
             * @description About the person, in their words. May have line breaks.
             * @example First programmer.
             */
            readonly bio: string;
            /**
             * @description Phone number, international or of the configured region. Shown as entered; unique by its E.164 form.
             * @example 7760873976
             */
            readonly phone: string | null;
            /**
             * Format: date-time
             * @description Time (RFC 3339, UTC).
             * @example 2026-01-01T12:00:00.000Z
             */
            readonly created_at: string;
            /**
             * Format: date-time
             * @description Time (RFC 3339, UTC).
             * @example 2026-01-01T12:00:00.000Z
             */
            readonly updated_at: string;
        };
        /** @description What to change. */
        readonly ProfileUpdate: {
            /**
             * @description Name to show.
             * @example Ada Lovelace
             */
            readonly name?: string | null;
            /**
             * @description About the person, in their words. May have line breaks.
             * @example First programmer.
             */
            readonly bio?: string | null;
        };
        /** @description A merge patch of the profile. */
        readonly ProfilePatch: {
            /**
             * @description Name to show.
             * @example Ada Lovelace
             */
            readonly name?: string | null;
            /**
             * @description About the person, in their words. May have line breaks.
             * @example First programmer.
             */
            readonly bio?: string | null;
        };
        /** @description The envelope of a successful answer. */
        readonly PhoneSignUpAnswer: {
            /**
             * @description Always `success`.
             * @example success
             * @enum {string}
             */
            readonly status: "success";
            /**
             * @description What happened, for a person.
             * @example Signup successful
             * @enum {string}
             */
            readonly message: "Signup successful";
            readonly data: components["schemas"]["PhoneSession"];
        };
        /** @description The account and its access token. */
        readonly PhoneSession: {
            /**
             * @description Access token (JWT), for the header `Authorization: Bearer`.
             * @example eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl
             */
            readonly token: string;
            readonly user: components["schemas"]["PhoneUser"];
            /**
             * @description Refresh token, for `POST /auth/refresh`. Keep it where only your client reads.
             * @example x3JkzI6Qb3mCz0mYk2v9bA.0.VGhpcyBpcyBub3QgYSByZWFsIHJlZnJlc2ggdG9rZW4
             */
            readonly refresh_token: string;
            /**
             * @description Seconds until the access token ends.
             * @example 3600
             */
            readonly expires_in: number;
        };
        /** @description An account as the phone contract shows it. */
        readonly PhoneUser: {
            /**
             * @description Identifies the account. Never used again after a delete.
             * @example 1
             */
            readonly id: number;
            /**
             * @description Name to show.
             * @example Ada Lovelace
             */
            readonly name: string | null;
            /**
             * Format: idn-email
             * @description Email address. Shown as entered; unique without regard to letter case.
             * @example ada@example.com
             */
            readonly email: string | null;
            /**
             * @description Phone number, international or of the configured region. Shown as entered; unique by its E.164 form.
             * @example 7760873976
             */
            readonly phone: string | null;
        };
        /** @description A new account. */
        readonly PhoneSignUp: {
            /**
             * @description Phone number, international or of the configured region. Shown as entered; unique by its E.164 form. White space around it is dropped.
             * @example 7760873976
             */
            readonly phone: string;
            /**
             * Format: password
             * @description Password of 8 characters at least, or as many as the server is set to ask for, up to 256 of any kind. Refused as `weak_password` if it is shorter, commonly used, like the email address or phone number, or known from a breach.
             * @example analytical engine
             */
            readonly password: string;
            /**
             * @description Name to show.
             * @example Ada Lovelace
             */
            readonly name?: string | null;
            /**
             * Format: idn-email
             * @description Email address. Shown as entered; unique without regard to letter case. White space around it is dropped.
             * @example ada@example.com
             */
            readonly email?: string | null;
        };
        /** @description The envelope of a successful answer. */
        readonly PhoneLogInAnswer: {
            /**
             * @description Always `success`.
             * @example success
             * @enum {string}
             */
            readonly status: "success";
            /**
             * @description What happened, for a person.
             * @example Login successful
             * @enum {string}
             */
            readonly message: "Login successful";
            readonly data: components["schemas"]["PhoneSession"];
        };
        /** @description Name and password. */
        readonly PhoneCredentials: {
            /**
             * @description Phone number of the account. White space around it is dropped.
             * @example 7760873976
             */
            readonly phone?: string | null;
            /**
             * @description Email address, instead of `phone`. White space around it is dropped.
             * @example ada@example.com
             */
            readonly email?: string | null;
            /**
             * Format: password
             * @description Password of the account.
             * @example analytical engine
             */
            readonly password: string;
        };
        /** @description The envelope of a successful answer. */
        readonly PhoneProfileAnswer: {
            /**
             * @description Always `success`.
             * @example success
             * @enum {string}
             */
            readonly status: "success";
            /**
             * @description What happened, for a person.
             * @example User profile fetched successfully
             * @enum {string}
             */
            readonly message: "User profile fetched successfully";
            readonly data: components["schemas"]["PhoneUser"];
        };
        /** @description A JWK set. */
        readonly PublicKeySet: {
            /** @description The keys. */
            readonly keys: readonly components["schemas"]["PublicKey"][];
        };
        /** @description A public key (RFC 7517). */
        readonly PublicKey: {
            /**
             * @description Key type.
             * @example EC
             */
            readonly kty: string;
            /**
             * @description Curve.
             * @example P-256
             */
            readonly crv: string;
            /**
             * @description The point, or its x.
             * @example f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU
             */
            readonly x: string;
            /**
             * @description The y of the point, for EC.
             * @example x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0
             */
            readonly y?: string;
            /**
             * @description The `kid` of its tokens.
             * @example oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U
             */
            readonly kid: string;
            /**
             * @description Its algorithm.
             * @example ES256
             */
            readonly alg: string;
            /**
             * @description What it is for.
             * @example sig
             */
            readonly use: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly signUp: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description The new account. Members that are not named here are ignored. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SignUp"];
            };
        };
        readonly responses: {
            /** @description The account is made. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["SignedUpUser"];
                };
            };
            /**
             * @description `email_taken`: Email already registered
             *
             *     `weak_password`: The password is too short or too easy to guess.
             *
             *     `malformed_json`: The body is not valid JSON.
             *
             *     `unreadable_body`: The body broke off, or is not UTF-8.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"] | components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The body took too long to arrive. */
            readonly 408: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is larger than this operation accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The address is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body has a Content-Type that this operation does not take. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: The request has fields that cannot be accepted. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: You have done this too often. Try again later; Retry-After says when. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The service cannot reach its database right now. Try again soon.
             *
             *     `misconfigured`: The service is not set up correctly; its log names the settings.
             *
             *     `overloaded`: The service has more to do than it can right now. Try again soon.
             */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly logIn: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Name and password. At most 16 fields and 16 KB. */
        readonly requestBody: {
            readonly content: {
                readonly "application/x-www-form-urlencoded": components["schemas"]["LogInForm"];
            };
        };
        readonly responses: {
            /** @description Logged in. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Token"];
                };
            };
            /**
             * @description `wrong_email_or_password`: Incorrect email or password
             *
             *     `unreadable_body`: The body broke off, or is not UTF-8.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `origin_refused`: A page of this origin may not log in here. CORS_ORIGINS lists those that may. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The body took too long to arrive. */
            readonly 408: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is larger than this operation accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The address is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body has a Content-Type that this operation does not take. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: The request has fields that cannot be accepted. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: You have done this too often. Try again later; Retry-After says when. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The service cannot reach its database right now. Try again soon.
             *
             *     `overloaded`: The service has more to do than it can right now. Try again soon.
             */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly refreshTokens: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description The refresh token. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["Refresh"];
            };
        };
        readonly responses: {
            /** @description New tokens of the same session. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Token"];
                };
            };
            /**
             * @description `malformed_json`: The body is not valid JSON.
             *
             *     `unreadable_body`: The body broke off, or is not UTF-8.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `invalid_refresh_token`: Could not validate credentials. */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The body took too long to arrive. */
            readonly 408: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is larger than this operation accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The address is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body has a Content-Type that this operation does not take. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: The request has fields that cannot be accepted. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: You have done this too often. Try again later; Retry-After says when. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The service cannot reach its database right now. Try again soon.
             *
             *     `overloaded`: The service has more to do than it can right now. Try again soon.
             */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly logOut: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Logged out. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `not_authenticated`: Not authenticated
             *
             *     `invalid_token`: Could not validate credentials.
             */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is larger than this operation accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The address is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests`: You have done this too often. Try again later; Retry-After says when. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The service cannot reach its database right now. Try again soon.
             *
             *     `overloaded`: The service has more to do than it can right now. Try again soon.
             */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly changePassword: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description The old password and the new one. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PasswordChange"];
            };
        };
        readonly responses: {
            /** @description The password is changed. Earlier sessions have ended; these are the tokens of a new one. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Token"];
                };
            };
            /**
             * @description `wrong_current_password`: The current password is wrong.
             *
             *     `weak_password`: The password is too short or too easy to guess.
             *
             *     `malformed_json`: The body is not valid JSON.
             *
             *     `unreadable_body`: The body broke off, or is not UTF-8.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"] | components["schemas"]["Problem"];
                };
            };
            /**
             * @description `not_authenticated`: Not authenticated
             *
             *     `invalid_token`: Could not validate credentials.
             */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The body took too long to arrive. */
            readonly 408: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is larger than this operation accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The address is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body has a Content-Type that this operation does not take. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: The request has fields that cannot be accepted. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: You have done this too often. Try again later; Retry-After says when. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `misconfigured`: The service is not set up correctly; its log names the settings.
             *
             *     `database_unavailable`: The service cannot reach its database right now. Try again soon.
             *
             *     `overloaded`: The service has more to do than it can right now. Try again soon.
             */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listSessions: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Your sessions. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Sessions"];
                };
            };
            /**
             * @description `not_authenticated`: Not authenticated
             *
             *     `invalid_token`: Could not validate credentials.
             */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The address is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests`: You have done this too often. Try again later; Retry-After says when. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The service cannot reach its database right now. Try again soon.
             *
             *     `overloaded`: The service has more to do than it can right now. Try again soon.
             */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly endSessions: {
        readonly parameters: {
            readonly query?: {
                /** @description Whether to end this session too. */
                readonly all?: "true" | "false";
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The sessions have ended. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `not_authenticated`: Not authenticated
             *
             *     `invalid_token`: Could not validate credentials.
             */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is larger than this operation accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The address is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: The request has fields that cannot be accepted. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: You have done this too often. Try again later; Retry-After says when. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The service cannot reach its database right now. Try again soon.
             *
             *     `overloaded`: The service has more to do than it can right now. Try again soon.
             */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly endSession: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The `id` from the list of your sessions. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The session has ended. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `not_authenticated`: Not authenticated
             *
             *     `invalid_token`: Could not validate credentials.
             */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: There is nothing at this address. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is larger than this operation accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The address is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: The request has fields that cannot be accepted. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: You have done this too often. Try again later; Retry-After says when. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The service cannot reach its database right now. Try again soon.
             *
             *     `overloaded`: The service has more to do than it can right now. Try again soon.
             */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listActivity: {
        readonly parameters: {
            readonly query?: {
                /** @description The `next_cursor` of the page before. */
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of events. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Activity"];
                };
            };
            /**
             * @description `not_authenticated`: Not authenticated
             *
             *     `invalid_token`: Could not validate credentials.
             */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The address is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: The request has fields that cannot be accepted. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: You have done this too often. Try again later; Retry-After says when. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The service cannot reach its database right now. Try again soon.
             *
             *     `overloaded`: The service has more to do than it can right now. Try again soon.
             */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getProfile: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Answer 304 if the profile is still this version (RFC 9110 section 13.1.2). */
                readonly "if-none-match"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Your profile. */
            readonly 200: {
                headers: {
                    /** @description Names this version of the profile; send it back as `If-Match`. */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Profile"];
                };
            };
            /** @description The profile is the version you named. */
            readonly 304: {
                headers: {
                    /** @description Names this version of the profile; send it back as `If-Match`. */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            /**
             * @description `not_authenticated`: Not authenticated
             *
             *     `invalid_token`: Could not validate credentials.
             */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The address is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests`: You have done this too often. Try again later; Retry-After says when. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The service cannot reach its database right now. Try again soon.
             *
             *     `overloaded`: The service has more to do than it can right now. Try again soon.
             */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly updateProfile: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Change the profile only if it is one of these versions (RFC 9110 section 13.1.1). */
                readonly "if-match"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description What to change. Members that are not named here are ignored. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ProfileUpdate"];
            };
        };
        readonly responses: {
            /** @description Your whole profile, changed. */
            readonly 200: {
                headers: {
                    /** @description Names this version of the profile; send it back as `If-Match`. */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Profile"];
                };
            };
            /**
             * @description `malformed_json`: The body is not valid JSON.
             *
             *     `unreadable_body`: The body broke off, or is not UTF-8.
             *
             *     `malformed_precondition`: If-Match must be * or a list of entity tags in double quotes.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `not_authenticated`: Not authenticated
             *
             *     `invalid_token`: Could not validate credentials.
             */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The body took too long to arrive. */
            readonly 408: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_failed`: The profile has changed since you read it. Read it again and repeat your change. */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is larger than this operation accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The address is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body has a Content-Type that this operation does not take. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: The request has fields that cannot be accepted. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: You have done this too often. Try again later; Retry-After says when. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The service cannot reach its database right now. Try again soon.
             *
             *     `overloaded`: The service has more to do than it can right now. Try again soon.
             */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly patchProfile: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description Change the profile only if it is one of these versions (RFC 9110 section 13.1.1). */
                readonly "if-match"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description What to change. Members that are not named here are ignored. */
        readonly requestBody: {
            readonly content: {
                readonly "application/merge-patch+json": components["schemas"]["ProfilePatch"];
                readonly "application/json": components["schemas"]["ProfilePatch"];
            };
        };
        readonly responses: {
            /** @description Your whole profile, changed. */
            readonly 200: {
                headers: {
                    /** @description Names this version of the profile; send it back as `If-Match`. */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Profile"];
                };
            };
            /**
             * @description `malformed_json`: The body is not valid JSON.
             *
             *     `unreadable_body`: The body broke off, or is not UTF-8.
             *
             *     `malformed_precondition`: If-Match must be * or a list of entity tags in double quotes.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `not_authenticated`: Not authenticated
             *
             *     `invalid_token`: Could not validate credentials.
             */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The body took too long to arrive. */
            readonly 408: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_failed`: The profile has changed since you read it. Read it again and repeat your change. */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is larger than this operation accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The address is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body has a Content-Type that this operation does not take. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: The request has fields that cannot be accepted. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: You have done this too often. Try again later; Retry-After says when. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The service cannot reach its database right now. Try again soon.
             *
             *     `overloaded`: The service has more to do than it can right now. Try again soon.
             */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly signUpByPhone: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description The new account. Members that are not named here are ignored. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PhoneSignUp"];
            };
        };
        readonly responses: {
            /** @description Signup successful */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PhoneSignUpAnswer"];
                };
            };
            /**
             * @description `phone_taken`: Phone number already registered
             *
             *     `email_taken`: Email already registered
             *
             *     `weak_password`: The password is too short or too easy to guess.
             *
             *     `malformed_json`: The body is not valid JSON.
             *
             *     `unreadable_body`: The body broke off, or is not UTF-8.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"] | components["schemas"]["Problem"];
                };
            };
            /** @description `origin_refused`: A page of this origin may not log in here. CORS_ORIGINS lists those that may. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The body took too long to arrive. */
            readonly 408: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is larger than this operation accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The address is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body has a Content-Type that this operation does not take. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: The request has fields that cannot be accepted. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: You have done this too often. Try again later; Retry-After says when. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The service cannot reach its database right now. Try again soon.
             *
             *     `misconfigured`: The service is not set up correctly; its log names the settings.
             *
             *     `overloaded`: The service has more to do than it can right now. Try again soon.
             */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly logInByPhone: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Name and password. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PhoneCredentials"];
            };
        };
        readonly responses: {
            /** @description Login successful */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PhoneLogInAnswer"];
                };
            };
            /**
             * @description `malformed_json`: The body is not valid JSON.
             *
             *     `unreadable_body`: The body broke off, or is not UTF-8.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `wrong_phone_or_password`: Invalid phone number or password */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `origin_refused`: A page of this origin may not log in here. CORS_ORIGINS lists those that may. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The body took too long to arrive. */
            readonly 408: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The body is larger than this operation accepts. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The address is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: The body has a Content-Type that this operation does not take. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: The request has fields that cannot be accepted. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: You have done this too often. Try again later; Retry-After says when. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The service cannot reach its database right now. Try again soon.
             *
             *     `overloaded`: The service has more to do than it can right now. Try again soon.
             */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getProfileByPhone: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description User profile fetched successfully */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PhoneProfileAnswer"];
                };
            };
            /**
             * @description `not_authenticated`: Not authenticated
             *
             *     `invalid_token`: Could not validate credentials
             */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The address is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests`: You have done this too often. Try again later; Retry-After says when. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The service cannot reach its database right now. Try again soon.
             *
             *     `overloaded`: The service has more to do than it can right now. Try again soon.
             */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getPublicKeys: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The public keys. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PublicKeySet"];
                };
            };
            /** @description `uri_too_long`: The address is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests`: You have done this too often. Try again later; Retry-After says when. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The service cannot reach its database right now. Try again soon.
             *
             *     `misconfigured`: The service is not set up correctly; its log names the settings.
             *
             *     `overloaded`: The service has more to do than it can right now. Try again soon.
             */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getHealth: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The process is up. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /**
                         * @description The process is up.
                         * @example ok
                         * @enum {string}
                         */
                        readonly status: "ok";
                    };
                };
            };
            /** @description `uri_too_long`: The address is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly getReadiness: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The database answers and is migrated. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /**
                         * @description The database answers and is migrated.
                         * @example ready
                         * @enum {string}
                         */
                        readonly status: "ready";
                    };
                };
            };
            /** @description `uri_too_long`: The address is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests`: You have done this too often. Try again later; Retry-After says when. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The service cannot reach its database right now. Try again soon.
             *
             *     `misconfigured`: The service is not set up correctly; its log names the settings.
             *
             *     `overloaded`: The service has more to do than it can right now. Try again soon.
             */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
/** Every `code` that a problem of the API can have. */
export type ErrorCode =
    | "unreadable_body"
    | "malformed_json"
    | "malformed_precondition"
    | "request_timeout"
    | "email_taken"
    | "phone_taken"
    | "wrong_email_or_password"
    | "wrong_phone_or_password"
    | "wrong_current_password"
    | "weak_password"
    | "invalid_refresh_token"
    | "not_authenticated"
    | "invalid_token"
    | "origin_refused"
    | "not_found"
    | "method_not_allowed"
    | "precondition_failed"
    | "payload_too_large"
    | "uri_too_long"
    | "unsupported_media_type"
    | "validation_failed"
    | "too_many_requests"
    | "internal_error"
    | "misconfigured"
    | "database_unavailable"
    | "overloaded";
