import type { Hono } from 'hono';
import { AppError } from './core/errors.ts';
import { addressOf, callerOf } from './core/http/caller.ts';
import type { Env } from './core/http/env.ts';
import { answerOtherMethods } from './core/http/methods.ts';
import { accessLog } from './core/http/middleware/access-log.ts';
import { answerPreflight, cors } from './core/http/middleware/cors.ts';
import { inOrder } from './core/http/middleware/in-order.ts';
import { limitUri } from './core/http/middleware/limits.ts';
import { openAnswer } from './core/http/middleware/open-answer.ts';
import { refuseOverload } from './core/http/middleware/overload.ts';
import { onlyOwnOrigins } from './core/http/middleware/own-origins.ts';
import { readBody } from './core/http/middleware/read-body.ts';
import { securityHeaders } from './core/http/middleware/security-headers.ts';
import { onError } from './core/http/problem.ts';
import { createRouter } from './core/http/router.ts';
import type { Deps } from './deps.ts';
import { auditRoutes } from './features/activity/routes.ts';
import { docsRoutes, serveDocument } from './features/docs/routes.ts';
import { HEALTH_PATH } from './features/health/contract.ts';
import { healthRoutes } from './features/health/routes.ts';
import { keyRoutes } from './features/keys/routes.ts';
import { limitRate } from './features/limits/limit-rate.ts';
import { changePasswordRoute, logInRoute } from './features/passwords/contract.ts';
import { createPasswordLogIn } from './features/passwords/log-in.ts';
import { passwordRoutes } from './features/passwords/routes.ts';
import { createPasswordService } from './features/passwords/service.ts';
import { kpaLogInRoute, kpaSignUpRoute } from './features/phone/contract.ts';
import { kpaRoutes } from './features/phone/routes.ts';
import { profileRoutes } from './features/profile/routes.ts';
import { createProfileService } from './features/profile/service.ts';
import { requireToken, requireUser } from './features/sessions/guards.ts';
import { sessionRoutes } from './features/sessions/routes.ts';
import { createSessionService } from './features/sessions/service.ts';
import { signUpRoute } from './features/sign-up/contract.ts';
import { signUpRoutes } from './features/sign-up/routes.ts';
import { createSignUpService } from './features/sign-up/service.ts';

export type App = Hono<Env>;

/** Operations that hash or check a password. */
const PASSWORD_PATHS: ReadonlySet<string> = new Set(
  [signUpRoute, logInRoute, kpaSignUpRoute, kpaLogInRoute, changePasswordRoute].map(
    ({ path }) => path,
  ),
);

/** Operations that open a session. */
const LOG_IN_PATHS: ReadonlySet<string> = new Set(
  [logInRoute, kpaSignUpRoute, kpaLogInRoute].map(({ path }) => path),
);

/**
 * Puts the API together. Pure: reads no environment and does no I/O.
 *
 * @example
 * ```ts
 * const app = createApp(await createDeps(config, platform));
 * const response = await app.request('/healthz');
 * ```
 */
export function createApp(deps: Deps): App {
  const { config, log } = deps;
  const passwordLogIn = createPasswordLogIn(deps);
  const signUp = createSignUpService({ ...deps, passwordLogIn });
  const profile = createProfileService(deps);
  const onlyUsers = requireUser(deps);
  const caller = callerOf(config.trustedProxyHops);

  const app = createRouter();
  app.use(accessLog({ log, markOf: deps.networkMark, trustedProxyHops: config.trustedProxyHops }));
  app.use(
    inOrder(
      openAnswer(securityHeaders(config.environment === 'production')),
      cors(config.corsOrigins),
      limitRate({ ...deps, exemptPath: HEALTH_PATH }),
      answerPreflight,
      onlyOwnOrigins(LOG_IN_PATHS, config.corsOrigins),
      refuseOverload(({ env, req }) => !!env?.isOverloaded && req.path !== HEALTH_PATH),
      refuseOverload(
        (c) =>
          c.req.method === 'POST' &&
          PASSWORD_PATHS.has(c.req.path) &&
          deps.passwordGate.isFull(addressOf(c, config.trustedProxyHops)),
      ),
      limitUri,
      readBody({ limits: deps.bodyLimits, trustedProxyHops: config.trustedProxyHops }),
    ),
  );

  app.on('POST', [...PASSWORD_PATHS], (c, next) =>
    deps.passwordGate.admit(addressOf(c, config.trustedProxyHops), next),
  );

  app.route('/', signUpRoutes(signUp, deps.limits, caller));
  app.route(
    '/',
    passwordRoutes(passwordLogIn, createPasswordService(deps), deps.limits, onlyUsers, caller),
  );
  app.route(
    '/',
    sessionRoutes(
      createSessionService(deps),
      { onlyUsers, onlyTokens: requireToken(deps) },
      caller,
    ),
  );
  app.route('/', auditRoutes(deps.audit, onlyUsers));
  app.route('/', profileRoutes(profile, onlyUsers, caller));
  app.route('/', kpaRoutes(signUp, passwordLogIn, deps.limits, onlyUsers, caller));
  app.route('/', keyRoutes(deps.tokenKeys));
  app.route('/', healthRoutes(deps));
  if (config.servesDocs) {
    app.route('/', docsRoutes(deps.readAsset));
    serveDocument(app);
  }
  answerOtherMethods(app);

  app.notFound(() => {
    throw new AppError('not_found');
  });
  app.onError(onError(log));
  return app;
}
