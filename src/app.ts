import type { Hono } from 'hono';
import { AppError } from './core/errors.ts';
import type { Env } from './core/http/env.ts';
import type { Feature } from './core/http/feature.ts';
import { answerOtherMethods } from './core/http/methods.ts';
import { accessLog } from './core/http/middleware/access-log.ts';
import { answerPreflight, cors } from './core/http/middleware/cors.ts';
import { inOrder } from './core/http/middleware/in-order.ts';
import { limitUri } from './core/http/middleware/limit-uri.ts';
import { openAnswer } from './core/http/middleware/open-answer.ts';
import { refuseOverload } from './core/http/middleware/overload.ts';
import { onlyOwnOrigins } from './core/http/middleware/own-origins.ts';
import { type BodyReader, createBodyReader } from './core/http/middleware/read-body.ts';
import { securityHeaders } from './core/http/middleware/security-headers.ts';
import { type AllowedOrigins, allowedOrigins } from './core/http/origins.ts';
import { createPageRouter } from './core/http/pages.ts';
import { onError } from './core/http/problem.ts';
import { createRoutes, type RouteDependencies } from './core/http/routes.ts';
import type { Deps } from './deps.ts';
import { accountFeature } from './features/account/routes.ts';
import { createAccountService } from './features/account/service.ts';
import { createAccountStore } from './features/account/store.ts';
import { activityFeature } from './features/activity/routes.ts';
import { addressFeature } from './features/addresses/routes.ts';
import { createAddressService } from './features/addresses/service.ts';
import { createAddressStore } from './features/addresses/store.ts';
import { createDirectory } from './features/admin/directory-store.ts';
import { createAuditRecord } from './features/admin/record-store.ts';
import { adminFeature } from './features/admin/routes.ts';
import { createAdminService } from './features/admin/service.ts';
import { createSessionDirectory } from './features/admin/session-store.ts';
import { createStatsReader } from './features/admin/stats-store.ts';
import { adminWriteFeature } from './features/admin/write-routes.ts';
import { isAdminTarget } from './features/admin-pages/paths.ts';
import { adminPageFeature } from './features/admin-pages/routes.ts';
import { auditFeature } from './features/audit/jobs.ts';
import { avatarFeature } from './features/avatars/routes.ts';
import { createAvatarService } from './features/avatars/service.ts';
import { codeFeature } from './features/codes/routes.ts';
import { createCodeService } from './features/codes/service.ts';
import { deviceFeature } from './features/devices/routes.ts';
import { serveDocument } from './features/docs/document.ts';
import { addDocs } from './features/docs/routes.ts';
import { exportFeature } from './features/export/routes.ts';
import { healthFeature } from './features/health/routes.ts';
import { keyFeature } from './features/keys/routes.ts';
import { limitFeature } from './features/limits/jobs.ts';
import { limitRate } from './features/limits/limit-rate.ts';
import { addPrintedMessages, messageFeature } from './features/messages/routes.ts';
import { METRICS_PATH } from './features/metrics/contract.ts';
import { requireMetricsToken } from './features/metrics/guard.ts';
import { metricsFeatures } from './features/metrics/routes.ts';
import { networkFeature } from './features/networks/jobs.ts';
import { warnWithoutPages } from './features/pages/missing.ts';
import { accountPageFeature } from './features/pages/routes.ts';
import { lockoutFeature } from './features/passwords/jobs.ts';
import { createPasswordLogIn } from './features/passwords/log-in.ts';
import { createPasswordReauthentication } from './features/passwords/reauthenticate.ts';
import { logInFeature, passwordFeature } from './features/passwords/routes.ts';
import { phoneFeature } from './features/phone/routes.ts';
import { profileFeature } from './features/profile/routes.ts';
import { reauthenticationFeature } from './features/reauthentication/routes.ts';
import { recoveryFeature } from './features/recovery/routes.ts';
import { createRecoveryService } from './features/recovery/service.ts';
import { createGuards } from './features/sessions/guards.ts';
import { sessionFeature, tokenFeature } from './features/sessions/routes.ts';
import { createSessionService } from './features/sessions/service.ts';
import { signUpFeature } from './features/sign-up/routes.ts';
import { createSignUpService } from './features/sign-up/service.ts';
import { userFeature } from './features/users/jobs.ts';
import { verificationFeature } from './features/verification/routes.ts';
import { createVerificationService } from './features/verification/service.ts';
import { createVerificationStore } from './features/verification/store.ts';

export type App = Hono<Env>;

/**
 * Creates all features, with their operations and housekeeping jobs. The document lists the operations in this order.
 */
export function featuresOf(deps: Deps): readonly Feature[] {
  const verification = createVerificationService({
    ...deps,
    verifications: createVerificationStore(deps),
  });
  const passwordLogIn = createPasswordLogIn({ ...deps, verification });
  const sessionService = createSessionService(deps);
  const signUps = createSignUpService({ ...deps, passwordLogIn, verification });
  const recovery = createRecoveryService(deps);
  const codeService = createCodeService(deps);
  const addresses = createAddressStore(deps);
  const addressService = createAddressService({ ...deps, addresses });
  const accounts = createAccountStore(deps);
  const accountService = createAccountService({ ...deps, accounts });
  const avatarService = createAvatarService(deps);
  const directory = createDirectory(deps);
  const auditRecord = createAuditRecord(deps);
  const stats = createStatsReader(deps);
  const admins = createAdminService({ ...deps, accounts });
  const reauthentication = {
    password: createPasswordReauthentication(deps),
    code: codeService.reauthenticate,
  };
  return [
    signUpFeature({ ...deps, signUps }),
    logInFeature({ ...deps, passwordLogIn }),
    tokenFeature({ sessionService }),
    passwordFeature(deps),
    reauthenticationFeature(reauthentication),
    sessionFeature({ ...deps, sessionService }),
    deviceFeature(deps),
    activityFeature(deps),
    profileFeature(deps),
    avatarFeature({ ...deps, avatarService }),
    userFeature(deps),
    accountFeature({ ...deps, accounts, accountService }),
    exportFeature(deps),
    verificationFeature({ ...deps, verification }),
    recoveryFeature({ ...deps, recovery }),
    codeFeature({ ...deps, codeService }),
    addressFeature({ ...deps, addressService, addresses }),
    adminFeature({
      directory,
      sessionDirectory: createSessionDirectory(deps),
      auditRecord,
      stats,
      profileOf: deps.profileOf,
    }),
    adminWriteFeature({ ...deps, admins }),
    phoneFeature({ ...deps, signUps, passwordLogIn }),
    keyFeature(deps),
    healthFeature(deps),
    ...metricsFeatures(deps),
    limitFeature(deps),
    auditFeature(deps),
    lockoutFeature(deps),
    networkFeature(deps),
    messageFeature(deps),
    accountPageFeature({
      ...deps,
      accountService,
      addressService,
      avatarService,
      codeService,
      isOtherTarget: isAdminTarget,
      passwordLogIn,
      reauthentication,
      recovery,
      sessionService,
      signUps,
      verification,
    }),
    adminPageFeature({ ...deps, admins, auditRecord, directory, stats }),
  ];
}

/**
 * Creates the API. Pure: reads no environment and does no I/O.
 *
 * @example
 * ```ts
 * const app = createApp(await createDeps(config, platform));
 * const response = await app.request('/healthz');
 * ```
 */
export function createApp(deps: Deps, features = featuresOf(deps)): App {
  const { config, log } = deps;
  const origins = allowedOrigins(config.corsOrigins, config.allowsLoopbackOrigins);
  const bodies = createBodyReader(deps.bodyLimits);
  const {
    router: app,
    routes,
    isAlwaysAnswered,
  } = createRoutes(routeDependenciesOf(deps, origins, bodies));
  app.use(accessLog({ ...deps, markOf: deps.networkMark }));
  app.use(
    inOrder(
      openAnswer(securityHeaders(config.environment === 'production'), config.trustedProxyHops),
      cors({ allowed: origins, log, isPage: isForNoOrigin }),
      limitRate({ ...deps, isExempt: isAlwaysAnswered }),
      answerPreflight,
      refuseOverload(({ env, req }) => !!env?.isOverloaded && !isAlwaysAnswered(req.path)),
      limitUri,
    ),
  );

  app.onError(onError(deps));
  for (const { addRoutes } of features) addRoutes?.(routes);
  if (config.servesDocs) {
    addDocs(app, deps.readAsset);
    serveDocument(app, deps);
  }
  if (config.pages.isServed) {
    const create = createPageRouter(app, { ...deps, bodies, isPage });
    for (const { addPages } of features) addPages?.(create);
  } else warnWithoutPages(deps);
  if (config.environment === 'development') addPrintedMessages(app, deps.messages);
  answerOtherMethods(app, (path) => (isPage(path) ? config.pages.basePath : ''));

  app.notFound(() => {
    throw new AppError('not_found');
  });
  return app;
}

/** The paths of pages, which never get CORS headers. The API has some below `/admin` as well. */
const isPage = (path: string): boolean =>
  /^\/(account|admin(?!\/(users|audit|stats)))(\/|$)/.test(path);

/** The paths that never get CORS headers. */
const isForNoOrigin = (path: string): boolean => isPage(path) || path === METRICS_PATH;

const routeDependenciesOf = (
  deps: Deps,
  origins: AllowedOrigins,
  bodies: BodyReader,
): RouteDependencies => ({
  guards: { ...createGuards(deps), scraper: requireMetricsToken(deps) },
  limits: {
    byAddress: { signUp: ({ address }) => deps.limits.signUp(address) },
    byKey: {
      logIn: (username, { address }, device) => deps.limits.logIn(username, address, device),
      useCode: (username, { address }, device) => deps.limits.useCode(username, address, device),
      changePassword: (userId) => deps.limits.changePassword(userId),
      exportAccount: (userId) => deps.limits.exportAccount(userId),
      setAvatar: (userId) => deps.limits.setAvatar(userId),
    },
  },
  gates: { password: deps.passwordGate },
  turns: { avatar: deps.avatarTurns },
  onlyOwnOrigins: onlyOwnOrigins(origins),
  bodies,
});
