import type { Hono } from 'hono';
import { auditRoutes } from './audit/routes.ts';
import { logInRoute, signUpRoute } from './auth/contract.ts';
import { requireToken, requireUser } from './auth/require-user.ts';
import { authRoutes } from './auth/routes.ts';
import { createAuthService } from './auth/service.ts';
import type { Deps } from './deps.ts';
import { AppError } from './errors.ts';
import { HEALTH_PATH } from './health/contract.ts';
import { healthRoutes } from './health/routes.ts';
import { docsRoutes, serveDocument } from './http/docs.ts';
import type { Env } from './http/env.ts';
import { answerOtherMethods } from './http/methods.ts';
import { accessLog } from './http/middleware/access-log.ts';
import { answerPreflight, cors } from './http/middleware/cors.ts';
import { inOrder } from './http/middleware/in-order.ts';
import { limitUri } from './http/middleware/limits.ts';
import { openAnswer } from './http/middleware/open-answer.ts';
import { refuseOverload } from './http/middleware/overload.ts';
import { onlyOwnOrigins } from './http/middleware/own-origins.ts';
import { limitRate } from './http/middleware/rate-limit.ts';
import { readBody } from './http/middleware/read-body.ts';
import { securityHeaders } from './http/middleware/security-headers.ts';
import { addressOf, originOf } from './http/origin.ts';
import { onError } from './http/problem.ts';
import { createRouter } from './http/router.ts';
import { keyRoutes } from './keys/routes.ts';
import { kpaLogInRoute, kpaSignUpRoute } from './kpa/contract.ts';
import { kpaRoutes } from './kpa/routes.ts';
import { changePasswordRoute } from './passwords/contract.ts';
import { passwordRoutes } from './passwords/routes.ts';
import { createPasswordService } from './passwords/service.ts';
import { profileRoutes } from './profile/routes.ts';
import { createProfileService } from './profile/service.ts';
import { sessionRoutes } from './sessions/routes.ts';
import { createSessionService } from './sessions/service.ts';

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
  const auth = createAuthService(deps);
  const profile = createProfileService(deps);
  const onlyUsers = requireUser(deps);
  const origin = originOf(config.trustedProxyHops);

  const app = createRouter();
  app.use(accessLog({ log, markOf: deps.networkMark, trustedProxyHops: config.trustedProxyHops }));
  app.use(
    inOrder(
      openAnswer(securityHeaders(config.environment === 'production')),
      cors(config.corsOrigins),
      limitRate(deps),
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

  app.route('/', authRoutes(auth, deps.limits, requireToken(deps), origin));
  app.route('/', passwordRoutes(createPasswordService(deps), deps.limits, onlyUsers, origin));
  app.route('/', sessionRoutes(createSessionService(deps), onlyUsers, origin));
  app.route('/', auditRoutes(deps.audit, onlyUsers));
  app.route('/', profileRoutes(profile, onlyUsers, origin));
  app.route('/', kpaRoutes(auth, deps.limits, onlyUsers, origin));
  app.route('/', keyRoutes(deps));
  app.route('/', healthRoutes(deps));
  if (config.servesDocs) {
    app.route('/', docsRoutes(deps));
    serveDocument(app);
  }
  answerOtherMethods(app);

  app.notFound(() => {
    throw new AppError('not_found');
  });
  app.onError(onError(log));
  return app;
}
