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
         * @description Creates an account. Does not log in.
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
         * Log in with a form
         * @description OAuth2 password grant (RFC 6749 section 4.3.2). Returns the same error for an unknown user and a wrong password. In a browser, only pages of this host or of an origin in `CORS_ORIGINS` may log in.
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
         * Refresh your tokens
         * @description Exchanges the latest refresh token for new tokens. The previous refresh token is accepted for a few more seconds and returns the same new one, so a client that lost the response can retry. Any older refresh token revokes the session.
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
         * @description Revokes the session of the access token, with all its tokens, immediately.
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
         * @description Requires the current password. Revokes all your sessions, including this one, and returns the tokens of a new session.
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
         * List your sessions
         * @description Returns your active sessions, newest first.
         */
        readonly get: operations["listSessions"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Revoke your other sessions
         * @description Revokes all your sessions except this one. With `all=true`, revokes this one as well.
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
         * Revoke a session
         * @description The tokens of the session are rejected from the next request on. Returns 404 for an id that is not one of your sessions.
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
         * List your account activity
         * @description Logins, changes and other events of your account, newest first, 100 per page.
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
         * Get your profile
         * @description Returns the profile of the authenticated user.
         */
        readonly get: operations["getProfile"];
        /**
         * Update your profile
         * @description A missing or null member is left unchanged. An empty string is stored as such.
         */
        readonly put: operations["updateProfile"];
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        /**
         * Patch your profile
         * @description JSON Merge Patch (RFC 7396). A missing member is left unchanged. Null clears a member.
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
         * @description Creates an account and logs in. In a browser, only pages of this host or of an origin in `CORS_ORIGINS` may sign up.
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
         * @description Accepts either `phone` or `email`. Returns the same error for an unknown user and a wrong password. In a browser, only pages of this host or of an origin in `CORS_ORIGINS` may log in.
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
         * Get your profile in an envelope
         * @description Returns the profile of the authenticated user.
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
         * Get the public signing keys
         * @description JWK Set (RFC 7517) for verifying access tokens: the current key, the next key, and retired keys whose tokens may still be valid. Empty if tokens are signed with HS256. Verifying a signature does not detect that its session was revoked.
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
         * Liveness probe
         * @description Does not query the database. Responds even under overload.
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
         * Readiness probe
         * @description Checks that the database responds and that the signing keys can be read.
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
        /** @description The created account. */
        readonly SignedUpUser: {
            /**
             * @description User id. Not reused after the account is deleted.
             * @example 1
             */
            readonly id: number;
            /**
             * Format: idn-email
             * @description Email address. Returned as entered; unique ignoring case.
             * @example ada@example.com
             */
            readonly email: string | null;
            /**
             * @description Display name.
             * @example Ada Lovelace
             */
            readonly name: string | null;
            /**
             * @description Short biography. May contain line breaks.
             * @example First programmer.
             */
            readonly bio: string;
        };
        /** @description Problem details with the rejected fields. */
        readonly ValidationProblem: components["schemas"]["Problem"] & {
            /** @description The rejected fields. */
            readonly errors: readonly {
                /**
                 * @description JSON Pointer to the field (RFC 6901).
                 * @example #/email
                 */
                readonly pointer: string;
                /**
                 * @description Code of the violated rule.
                 * @example invalid_email
                 */
                readonly code: string;
                /**
                 * @description The violated rule, as text.
                 * @example must be an email address
                 */
                readonly message: string;
            }[];
        };
        /** @description Problem details (RFC 9457). */
        readonly Problem: {
            /**
             * @description URI of the problem type.
             * @example urn:latchkey:problem:not_authenticated
             */
            readonly type: string;
            /**
             * @description Short summary of the problem type.
             * @example Not authenticated
             */
            readonly title: string;
            /**
             * @description HTTP status code.
             * @example 401
             */
            readonly status: number;
            /**
             * @description Explanation for the user.
             * @example Not authenticated
             */
            readonly detail: string;
            /**
             * @description Stable error code for programs.
             * @example not_authenticated
             */
            readonly code: string;
            /**
             * @description URI of this occurrence.
             * @example urn:latchkey:request:0b9e6f0e-6f0a-4f7c-9a53-0d1f6c1f7a11
             */
            readonly instance: string;
            /**
             * @description The X-Request-Id of this response. Include it in bug reports.
             * @example 0b9e6f0e-6f0a-4f7c-9a53-0d1f6c1f7a11
             */
            readonly request_id: string;
        };
        /** @description An account to create. */
        readonly SignUp: {
            /**
             * Format: idn-email
             * @description Email address. Returned as entered; unique ignoring case. Surrounding white space is ignored.
             * @example ada@example.com
             */
            readonly email: string;
            /**
             * Format: password
             * @description New password: 8 to 256 characters of any kind; the server may require a greater minimum. Rejected as `weak_password` if it is too short, common, similar to the email address or phone number, or known from a data breach.
             * @example analytical engine
             */
            readonly password: string;
            /**
             * @description Display name.
             * @example Ada Lovelace
             */
            readonly name?: string | null;
        };
        /** @description The tokens of a session (RFC 6749 section 5.1). */
        readonly Token: {
            /**
             * @description Access token (JWT), to be sent as `Authorization: Bearer`.
             * @example eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl
             */
            readonly access_token: string;
            /**
             * @description Token type.
             * @example bearer
             * @enum {string}
             */
            readonly token_type: "bearer";
            /**
             * @description Seconds until the access token expires.
             * @example 3600
             */
            readonly expires_in: number;
            /**
             * @description Refresh token for `POST /auth/refresh`. Store it securely.
             * @example x3JkzI6Qb3mCz0mYk2v9bA.0.VGhpcyBpcyBub3QgYSByZWFsIHJlZnJlc2ggdG9rZW4
             */
            readonly refresh_token: string;
        };
        /** @description User name and password. */
        readonly LogInForm: {
            /**
             * @description Email address or phone number of the account. Surrounding white space is ignored.
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
             * @description `grant_type` of the OAuth2 password grant. Accepted and ignored.
             * @example
             */
            readonly grant_type?: string;
            /**
             * @description `scope` of the OAuth2 password grant. Accepted and ignored.
             * @example
             */
            readonly scope?: string;
            /**
             * @description `client_id` of the OAuth2 password grant. Accepted and ignored.
             * @example
             */
            readonly client_id?: string;
            /**
             * @description `client_secret` of the OAuth2 password grant. Accepted and ignored.
             * @example
             */
            readonly client_secret?: string;
        };
        /** @description A refresh token to exchange. */
        readonly Refresh: {
            /**
             * @description The latest refresh token of the session.
             * @example x3JkzI6Qb3mCz0mYk2v9bA.0.VGhpcyBpcyBub3QgYSByZWFsIHJlZnJlc2ggdG9rZW4
             */
            readonly refresh_token: string;
        };
        /** @description The current and the new password. */
        readonly PasswordChange: {
            /**
             * Format: password
             * @description The current password.
             * @example analytical engine
             */
            readonly current_password: string;
            /**
             * Format: password
             * @description New password: 8 to 256 characters of any kind; the server may require a greater minimum. Rejected as `weak_password` if it is too short, common, similar to the email address or phone number, or known from a data breach.
             * @example difference engine
             */
            readonly new_password: string;
        };
        /** @description Your active sessions. */
        readonly Sessions: {
            /** @description The sessions. */
            readonly sessions: readonly components["schemas"]["Session"][];
        };
        /** @description An active session. */
        readonly Session: {
            /**
             * @description Session id.
             * @example x3JkzI6Qb3mCz0mYk2v9bA
             */
            readonly id: string;
            /**
             * @description True for the session of this request.
             * @example true
             */
            readonly current: boolean;
            /**
             * Format: date-time
             * @description Time of the login (RFC 3339, UTC).
             * @example 2026-01-01T12:00:00.000Z
             */
            readonly created_at: string;
            /**
             * Format: date-time
             * @description Time of the last use, accurate to a minute (RFC 3339, UTC).
             * @example 2026-01-01T12:00:00.000Z
             */
            readonly last_used_at: string;
            /**
             * Format: date-time
             * @description Time at which the session expires regardless of use (RFC 3339, UTC).
             * @example 2026-01-01T12:00:00.000Z
             */
            readonly expires_at: string;
            /**
             * @description Login method.
             * @example password
             */
            readonly method: string;
            /**
             * @description User-Agent of the login.
             * @example curl/8.5.0
             */
            readonly user_agent: string | null;
            /**
             * @description IP address of the login.
             * @example 203.0.113.7
             */
            readonly address: string | null;
            /**
             * @description Network of the last use, accurate to a minute: an IPv4 address, or the /64 of an IPv6 address.
             * @example 203.0.113.7
             */
            readonly last_network: string | null;
        };
        /** @description A page of events. */
        readonly Activity: {
            /** @description The events. */
            readonly events: readonly components["schemas"]["ActivityEvent"][];
            /**
             * @description Cursor of the next page; null on the last page.
             * @example 7
             */
            readonly next_cursor: string | null;
        };
        /** @description An event of your account. */
        readonly ActivityEvent: {
            /**
             * @description Event id. Later events have greater ids.
             * @example 7
             */
            readonly id: number;
            /**
             * Format: date-time
             * @description Time of the event (RFC 3339, UTC).
             * @example 2026-01-01T12:00:00.000Z
             */
            readonly at: string;
            /**
             * @description The action.
             * @example login
             */
            readonly action: string;
            /**
             * @description Whether the action succeeded.
             * @example success
             * @enum {string}
             */
            readonly outcome: "success" | "failure";
            /**
             * @description IP address of the caller.
             * @example 203.0.113.7
             */
            readonly address: string | null;
            /**
             * @description User-Agent of the caller.
             * @example curl/8.5.0
             */
            readonly user_agent: string | null;
            /**
             * @description X-Request-Id of the request.
             * @example 0b9e6f0e-6f0a-4f7c-9a53-0d1f6c1f7a11
             */
            readonly request_id: string;
            /**
             * @description Further details, such as the names of changed fields.
             * @example {}
             */
            readonly detail: {
                readonly [key: string]: unknown;
            };
        };
        /** @description Your profile. */
        readonly Profile: {
            /**
             * @description User id. Not reused after the account is deleted.
             * @example 1
             */
            readonly id: number;
            /**
             * Format: idn-email
             * @description Email address. Returned as entered; unique ignoring case.
             * @example ada@example.com
             */
            readonly email: string | null;
            /**
             * @description Display name.
             * @example Ada Lovelace
             */
            readonly name: string | null;
            /**
             * @description Short biography. May contain line breaks.
             * @example First programmer.
             */
            readonly bio: string;
            /**
             * @description Phone number, in international format or in that of the configured region. Returned as entered; unique by its E.164 form.
             * @example 7760873976
             */
            readonly phone: string | null;
            /**
             * Format: date-time
             * @description Time of the sign-up (RFC 3339, UTC).
             * @example 2026-01-01T12:00:00.000Z
             */
            readonly created_at: string;
            /**
             * Format: date-time
             * @description Time of the last change (RFC 3339, UTC).
             * @example 2026-01-01T12:00:00.000Z
             */
            readonly updated_at: string;
        };
        /** @description Changes to a profile. */
        readonly ProfileUpdate: {
            /**
             * @description Display name.
             * @example Ada Lovelace
             */
            readonly name?: string | null;
            /**
             * @description Short biography. May contain line breaks.
             * @example First programmer.
             */
            readonly bio?: string | null;
        };
        /** @description A JSON Merge Patch of a profile. */
        readonly ProfilePatch: {
            /**
             * @description Display name.
             * @example Ada Lovelace
             */
            readonly name?: string | null;
            /**
             * @description Short biography. May contain line breaks.
             * @example First programmer.
             */
            readonly bio?: string | null;
        };
        /** @description An account and the tokens of a new session. */
        readonly PhoneLogin: {
            /**
             * @description Access token (JWT), to be sent as `Authorization: Bearer`.
             * @example eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl
             */
            readonly token: string;
            readonly user: components["schemas"]["PhoneUser"];
            /**
             * @description Refresh token for `POST /auth/refresh`. Store it securely.
             * @example x3JkzI6Qb3mCz0mYk2v9bA.0.VGhpcyBpcyBub3QgYSByZWFsIHJlZnJlc2ggdG9rZW4
             */
            readonly refresh_token: string;
            /**
             * @description Seconds until the access token expires.
             * @example 3600
             */
            readonly expires_in: number;
        };
        /** @description An account in the phone API. */
        readonly PhoneUser: {
            /**
             * @description User id. Not reused after the account is deleted.
             * @example 1
             */
            readonly id: number;
            /**
             * @description Display name.
             * @example Ada Lovelace
             */
            readonly name: string | null;
            /**
             * Format: idn-email
             * @description Email address. Returned as entered; unique ignoring case.
             * @example ada@example.com
             */
            readonly email: string | null;
            /**
             * @description Phone number, in international format or in that of the configured region. Returned as entered; unique by its E.164 form.
             * @example 7760873976
             */
            readonly phone: string | null;
        };
        /** @description An account to create. */
        readonly PhoneSignUp: {
            /**
             * @description Phone number, in international format or in that of the configured region. Returned as entered; unique by its E.164 form. Surrounding white space is ignored.
             * @example 7760873976
             */
            readonly phone: string;
            /**
             * Format: password
             * @description New password: 8 to 256 characters of any kind; the server may require a greater minimum. Rejected as `weak_password` if it is too short, common, similar to the email address or phone number, or known from a data breach.
             * @example analytical engine
             */
            readonly password: string;
            /**
             * @description Display name.
             * @example Ada Lovelace
             */
            readonly name?: string | null;
            /**
             * Format: idn-email
             * @description Email address. Returned as entered; unique ignoring case. Surrounding white space is ignored.
             * @example ada@example.com
             */
            readonly email?: string | null;
        };
        /** @description Phone number or email address, and password. */
        readonly PhoneLogIn: {
            /**
             * @description Phone number of the account. Surrounding white space is ignored.
             * @example 7760873976
             */
            readonly phone?: string | null;
            /**
             * @description Email address of the account, instead of `phone`. Surrounding white space is ignored.
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
        /** @description A JWK Set (RFC 7517). */
        readonly PublicKeySet: {
            /** @description The public keys. */
            readonly keys: readonly components["schemas"]["PublicKey"][];
        };
        /** @description A public key as JWK (RFC 7517). */
        readonly PublicKey: {
            /**
             * @description Key type.
             * @example EC
             */
            readonly kty: string;
            /**
             * @description Curve of the key.
             * @example P-256
             */
            readonly crv: string;
            /**
             * @description X coordinate (EC), or the public key (OKP).
             * @example f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU
             */
            readonly x: string;
            /**
             * @description Y coordinate (EC only).
             * @example x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0
             */
            readonly y?: string;
            /**
             * @description Key id; the `kid` in the header of its tokens.
             * @example oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U
             */
            readonly kid: string;
            /**
             * @description Signature algorithm.
             * @example ES256
             */
            readonly alg: string;
            /**
             * @description Intended use.
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
        /** @description The account to create. Unknown members are ignored. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SignUp"];
            };
        };
        readonly responses: {
            /** @description The account was created. */
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
             *     `malformed_json`: The request body is not valid JSON.
             *
             *     `unreadable_body`: The request body is incomplete or is not valid UTF-8.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"] | components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request body took too long to arrive. */
            readonly 408: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The request body exceeds the size limit of this operation. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The request URI is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This operation does not support the Content-Type of the request body. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: One or more fields are invalid. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: Too many requests. Retry after the number of seconds in Retry-After. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The database is unavailable. Retry later.
             *
             *     `overloaded`: The service is overloaded. Retry later.
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
        /** @description User name and password. At most 16 fields and 16 KB. */
        readonly requestBody: {
            readonly content: {
                readonly "application/x-www-form-urlencoded": components["schemas"]["LogInForm"];
            };
        };
        readonly responses: {
            /** @description The tokens of a new session. */
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
             *     `unreadable_body`: The request body is incomplete or is not valid UTF-8.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `origin_refused`: Pages of this origin may not log in. CORS_ORIGINS lists the allowed origins. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request body took too long to arrive. */
            readonly 408: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The request body exceeds the size limit of this operation. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The request URI is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This operation does not support the Content-Type of the request body. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: One or more fields are invalid. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: Too many requests. Retry after the number of seconds in Retry-After. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The database is unavailable. Retry later.
             *
             *     `overloaded`: The service is overloaded. Retry later.
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
            /** @description New tokens for the same session. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Token"];
                };
            };
            /**
             * @description `malformed_json`: The request body is not valid JSON.
             *
             *     `unreadable_body`: The request body is incomplete or is not valid UTF-8.
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
            /** @description `request_timeout`: The request body took too long to arrive. */
            readonly 408: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The request body exceeds the size limit of this operation. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The request URI is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This operation does not support the Content-Type of the request body. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: One or more fields are invalid. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: Too many requests. Retry after the number of seconds in Retry-After. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The database is unavailable. Retry later.
             *
             *     `overloaded`: The service is overloaded. Retry later.
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
            /** @description The session was revoked. */
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
            /** @description `payload_too_large`: The request body exceeds the size limit of this operation. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The request URI is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests`: Too many requests. Retry after the number of seconds in Retry-After. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The database is unavailable. Retry later.
             *
             *     `overloaded`: The service is overloaded. Retry later.
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
        /** @description The current and the new password. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PasswordChange"];
            };
        };
        readonly responses: {
            /** @description The password was changed and all earlier sessions were revoked. Contains the tokens of a new session. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Token"];
                };
            };
            /**
             * @description `wrong_current_password`: The current password is incorrect.
             *
             *     `weak_password`: The password is too short or too easy to guess.
             *
             *     `malformed_json`: The request body is not valid JSON.
             *
             *     `unreadable_body`: The request body is incomplete or is not valid UTF-8.
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
            /** @description `request_timeout`: The request body took too long to arrive. */
            readonly 408: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The request body exceeds the size limit of this operation. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The request URI is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This operation does not support the Content-Type of the request body. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: One or more fields are invalid. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: Too many requests. Retry after the number of seconds in Retry-After. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The database is unavailable. Retry later.
             *
             *     `overloaded`: The service is overloaded. Retry later.
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
            /** @description Your active sessions. */
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
            /** @description `uri_too_long`: The request URI is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests`: Too many requests. Retry after the number of seconds in Retry-After. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The database is unavailable. Retry later.
             *
             *     `overloaded`: The service is overloaded. Retry later.
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
                /** @description Whether to revoke this session as well. Default: `false`. */
                readonly all?: "true" | "false";
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The sessions were revoked. */
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
            /** @description `payload_too_large`: The request body exceeds the size limit of this operation. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The request URI is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: One or more fields are invalid. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: Too many requests. Retry after the number of seconds in Retry-After. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The database is unavailable. Retry later.
             *
             *     `overloaded`: The service is overloaded. Retry later.
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
                /** @description The `id` of one of your sessions. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The session was revoked. */
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
            /** @description `not_found`: Not found. */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The request body exceeds the size limit of this operation. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The request URI is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: One or more fields are invalid. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: Too many requests. Retry after the number of seconds in Retry-After. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The database is unavailable. Retry later.
             *
             *     `overloaded`: The service is overloaded. Retry later.
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
                /** @description The `next_cursor` of the previous page. */
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
            /** @description `uri_too_long`: The request URI is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: One or more fields are invalid. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: Too many requests. Retry after the number of seconds in Retry-After. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The database is unavailable. Retry later.
             *
             *     `overloaded`: The service is overloaded. Retry later.
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
                /** @description Returns 304 if the `ETag` of the profile is listed (RFC 9110 section 13.1.2). */
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
                    /** @description Version of the profile. Send it as `If-Match` to detect concurrent changes. */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Profile"];
                };
            };
            /** @description The profile has not changed. */
            readonly 304: {
                headers: {
                    /** @description Version of the profile. Send it as `If-Match` to detect concurrent changes. */
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
            /** @description `uri_too_long`: The request URI is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests`: Too many requests. Retry after the number of seconds in Retry-After. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The database is unavailable. Retry later.
             *
             *     `overloaded`: The service is overloaded. Retry later.
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
                /** @description Updates the profile only if its `ETag` is listed (RFC 9110 section 13.1.1). */
                readonly "if-match"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description The members to change. Unknown members are ignored. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ProfileUpdate"];
            };
        };
        readonly responses: {
            /** @description The updated profile. */
            readonly 200: {
                headers: {
                    /** @description Version of the profile. Send it as `If-Match` to detect concurrent changes. */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Profile"];
                };
            };
            /**
             * @description `malformed_json`: The request body is not valid JSON.
             *
             *     `unreadable_body`: The request body is incomplete or is not valid UTF-8.
             *
             *     `malformed_precondition`: If-Match must be * or a list of at most 32 entity tags in double quotes.
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
            /** @description `request_timeout`: The request body took too long to arrive. */
            readonly 408: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_failed`: The profile has changed since you read it. Read it again and retry your change. */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The request body exceeds the size limit of this operation. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The request URI is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This operation does not support the Content-Type of the request body. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: One or more fields are invalid. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: Too many requests. Retry after the number of seconds in Retry-After. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The database is unavailable. Retry later.
             *
             *     `overloaded`: The service is overloaded. Retry later.
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
                /** @description Updates the profile only if its `ETag` is listed (RFC 9110 section 13.1.1). */
                readonly "if-match"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description The members to change. Unknown members are ignored. */
        readonly requestBody: {
            readonly content: {
                readonly "application/merge-patch+json": components["schemas"]["ProfilePatch"];
                readonly "application/json": components["schemas"]["ProfilePatch"];
            };
        };
        readonly responses: {
            /** @description The updated profile. */
            readonly 200: {
                headers: {
                    /** @description Version of the profile. Send it as `If-Match` to detect concurrent changes. */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Profile"];
                };
            };
            /**
             * @description `malformed_json`: The request body is not valid JSON.
             *
             *     `unreadable_body`: The request body is incomplete or is not valid UTF-8.
             *
             *     `malformed_precondition`: If-Match must be * or a list of at most 32 entity tags in double quotes.
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
            /** @description `request_timeout`: The request body took too long to arrive. */
            readonly 408: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `precondition_failed`: The profile has changed since you read it. Read it again and retry your change. */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The request body exceeds the size limit of this operation. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The request URI is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This operation does not support the Content-Type of the request body. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: One or more fields are invalid. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: Too many requests. Retry after the number of seconds in Retry-After. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The database is unavailable. Retry later.
             *
             *     `overloaded`: The service is overloaded. Retry later.
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
        /** @description The account to create. Unknown members are ignored. */
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
                    readonly "application/json": {
                        /**
                         * @description Always `success`.
                         * @example success
                         * @enum {string}
                         */
                        readonly status: "success";
                        /**
                         * @description Message for the user.
                         * @example Signup successful
                         * @enum {string}
                         */
                        readonly message: "Signup successful";
                        readonly data: components["schemas"]["PhoneLogin"];
                    };
                };
            };
            /**
             * @description `phone_taken`: Phone number already registered
             *
             *     `email_taken`: Email already registered
             *
             *     `weak_password`: The password is too short or too easy to guess.
             *
             *     `malformed_json`: The request body is not valid JSON.
             *
             *     `unreadable_body`: The request body is incomplete or is not valid UTF-8.
             */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"] | components["schemas"]["Problem"];
                };
            };
            /** @description `origin_refused`: Pages of this origin may not log in. CORS_ORIGINS lists the allowed origins. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request body took too long to arrive. */
            readonly 408: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The request body exceeds the size limit of this operation. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The request URI is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This operation does not support the Content-Type of the request body. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: One or more fields are invalid. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: Too many requests. Retry after the number of seconds in Retry-After. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The database is unavailable. Retry later.
             *
             *     `overloaded`: The service is overloaded. Retry later.
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
        /** @description Phone number or email address, and password. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PhoneLogIn"];
            };
        };
        readonly responses: {
            /** @description Login successful */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /**
                         * @description Always `success`.
                         * @example success
                         * @enum {string}
                         */
                        readonly status: "success";
                        /**
                         * @description Message for the user.
                         * @example Login successful
                         * @enum {string}
                         */
                        readonly message: "Login successful";
                        readonly data: components["schemas"]["PhoneLogin"];
                    };
                };
            };
            /**
             * @description `malformed_json`: The request body is not valid JSON.
             *
             *     `unreadable_body`: The request body is incomplete or is not valid UTF-8.
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
            /** @description `origin_refused`: Pages of this origin may not log in. CORS_ORIGINS lists the allowed origins. */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `request_timeout`: The request body took too long to arrive. */
            readonly 408: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `payload_too_large`: The request body exceeds the size limit of this operation. */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `uri_too_long`: The request URI is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `unsupported_media_type`: This operation does not support the Content-Type of the request body. */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `validation_failed`: One or more fields are invalid. */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["ValidationProblem"];
                };
            };
            /** @description `too_many_requests`: Too many requests. Retry after the number of seconds in Retry-After. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The database is unavailable. Retry later.
             *
             *     `overloaded`: The service is overloaded. Retry later.
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
                    readonly "application/json": {
                        /**
                         * @description Always `success`.
                         * @example success
                         * @enum {string}
                         */
                        readonly status: "success";
                        /**
                         * @description Message for the user.
                         * @example User profile fetched successfully
                         * @enum {string}
                         */
                        readonly message: "User profile fetched successfully";
                        readonly data: components["schemas"]["PhoneUser"];
                    };
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
            /** @description `uri_too_long`: The request URI is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests`: Too many requests. Retry after the number of seconds in Retry-After. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The database is unavailable. Retry later.
             *
             *     `overloaded`: The service is overloaded. Retry later.
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
            /** @description `uri_too_long`: The request URI is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests`: Too many requests. Retry after the number of seconds in Retry-After. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The database is unavailable. Retry later.
             *
             *     `misconfigured`: The service is misconfigured. Its log names the cause.
             *
             *     `overloaded`: The service is overloaded. Retry later.
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
            /** @description The process is running. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /**
                         * @description The process is running.
                         * @example ok
                         * @enum {string}
                         */
                        readonly status: "ok";
                    };
                };
            };
            /** @description `uri_too_long`: The request URI is longer than 4096 characters. */
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
            /** @description The database responds and is migrated. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /**
                         * @description The database responds and is migrated.
                         * @example ready
                         * @enum {string}
                         */
                        readonly status: "ready";
                    };
                };
            };
            /** @description `uri_too_long`: The request URI is longer than 4096 characters. */
            readonly 414: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_requests`: Too many requests. Retry after the number of seconds in Retry-After. */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /**
             * @description `database_unavailable`: The database is unavailable. Retry later.
             *
             *     `misconfigured`: The service is misconfigured. Its log names the cause.
             *
             *     `overloaded`: The service is overloaded. Retry later.
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
