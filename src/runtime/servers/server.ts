import type { createApp } from '../../app.ts';
import type { Config } from '../../config/config.ts';
import { describeError } from '../../core/db/database.ts';
import { ConfigError } from '../../core/errors.ts';
import { createLogger, type FormatLine, jsonFormat, type Logger } from '../../core/log.ts';
import { isLoopback, urlOf } from '../../core/loopback.ts';
import { createRegistry } from '../../core/metrics/registry.ts';
import { createOutbound } from '../../core/outbound.ts';
import { prettyFormat } from '../../core/pretty-log.ts';
import { createDeps, type Deps } from '../../deps.ts';
import { tryStore } from '../../features/avatars/try-store.ts';
import { DEMO_LOGIN } from '../../features/sign-up/demo-user.ts';
import type { Platform } from '../../platform.ts';
import { assemble, startUp } from '../../start-up.ts';
import { type Command, runCommand, runs } from '../commands/command.ts';
import {
  filePathOf,
  type LibsqlDatabase,
  openLibsql,
  servingOptions,
} from '../databases/libsql.ts';
import { createMeasure } from '../databases/measured.ts';
import { createAssetReader } from '../ports/assets.ts';
import { warnOfAvatarSettings } from '../ports/avatar-warnings.ts';
import { type Background, createBackground } from '../ports/background.ts';
import { readConfig, readMisspelledSettings } from '../ports/environment.ts';
import { warnOfExposedFiles } from '../ports/exposed-files.ts';
import { createHashThreads } from '../ports/hash-threads.ts';
import { createServerFiles } from '../ports/server-files.ts';
import { createSmtpMailer } from '../ports/smtp.ts';
import { loadTracer } from '../ports/tracer.ts';
import { createAdmission } from './admission.ts';
import { watchLag } from './lag-watch.ts';
import { createOutputWriter, type LineWriter } from './line-writer.ts';
import { explainPortInUse } from './port-in-use.ts';
import type { Listening, ServerRuntime } from './server-runtime.ts';
import { hourly, type RunTimer, type Schedule, startTimer, sweeping } from './timer.ts';
import { UnsentAnswers } from './unsent-answers.ts';

/** Dependencies that tests replace. */
export interface ServerSeams extends Pick<Platform, 'clock' | 'bodyLimits'> {
  readonly housekeeping?: Schedule;
  readonly delivery?: Schedule;
  readonly createApp?: typeof createApp;
}

/** The parts that a shutdown closes. */
interface Running {
  readonly listening: Listening;
  readonly timers: readonly RunTimer[];
  readonly messages: Deps['messages'];
  readonly background: Background;
  readonly database: LibsqlDatabase;
}

const SHUTDOWN_LIMIT_MS = 8000;
const DEMO_USER_CURE = 'For the demo user, set APP_ENV=development or SEED_DEMO_USER=true.';

/**
 * Serves the API on Node, Bun or Deno, from reading the settings to a graceful shutdown.
 *
 * @param runtime the parts that differ between the three
 * @param seams for tests only; the entry modules pass nothing
 */
export const serve = (runtime: ServerRuntime, seams?: ServerSeams): Promise<void> =>
  runCommand(serveCommand(runtime, seams));

/** `latchkey serve` */
export const serveCommand = (runtime: ServerRuntime, seams: ServerSeams = {}): Command => ({
  name: 'serve',
  summary: 'Serve the API.',
  purpose: 'Serves the Latchkey API until SIGTERM or SIGINT.',
  define: (parser) => runs(parser, () => start(runtime, seams)),
});

async function start(runtime: ServerRuntime, seams: ServerSeams): Promise<void> {
  const { housekeeping = hourly(), delivery = sweeping(), bodyLimits, ...rest } = seams;
  const { createApp: create, ...platform } = rest;
  const config = readConfig();
  const output = createOutputWriter();
  const log = createLogger(config.logLevel, output.write, Date.now, lineFormat(config));
  for (const hint of readMisspelledSettings()) log.warn('unknown_setting', { hint });
  const registry = config.metricsToken === undefined ? undefined : createRegistry();
  const meter = registry?.meter;
  const tracer = await loadTracer(log);
  const database = await openLibsql(
    config,
    servingOptions(runtime.fetchOnce),
    createMeasure({ meter, tracer }),
  );
  const send = createOutbound(runtime.fetchOnce ?? fetch, tracer);
  const deps = await createDeps(config, {
    db: database.db,
    ...{ log, gauges: registry, meter, tracer, runtime: runtime.name },
    fetch: send,
    files: createServerFiles(config, send),
    readAsset: createAssetReader(runtime.shareBytes),
    passwordPermits: runtime.passwordPermits,
    slowHashes: createHashThreads(log),
    createMac: runtime.createMac,
    createSmtpMailer,
    print: output.write,
    bodyLimits: { maxCount: Math.floor(config.maxInFlight / 2), ...bodyLimits },
    ...platform,
  });
  const isReady = await prepare(config, database, deps);
  warnOfExposedFiles(config, log);
  warnOfAvatarSettings(config, log);
  if (deps.files) void tryStore(deps.files, log);
  const { app, tick, deliver } = assemble(deps, create);
  const background = createBackground(log);
  const unsent = new UnsentAnswers(config.maxInFlight);
  const load = { inFlight: 0 };
  registry?.collect(() => ({ http_server_active_requests: load.inFlight }));
  const isLagging = watchLag(
    log,
    meter &&
      ((lagMs) => meter.observe('latchkey_event_loop_lag_seconds', Math.max(0, lagMs) / 1000, {})),
  );
  const admission = createAdmission(config.maxInFlight, isLagging, unsent, load);
  const { host: hostname, port } = config;
  const listening = await runtime
    .listen({
      fetch: admission((request, env) => app.fetch(request, env, background)),
      unsent,
      hostname,
      port,
    })
    .catch((error: unknown) => {
      throw explainPortInUse(error, hostname, port);
    });
  announce(config, { ...listening, isReady }, log, output);
  runtime.afterStart?.().catch((error: unknown) => {
    log.warn('after_start_failed', { error: describeError(error) });
  });
  const { messages } = deps;
  const timers = [startTimer(tick, housekeeping)];
  if (messages.state() !== 'off') {
    timers.push(startTimer((signal) => deliver(undefined, signal), delivery));
  }
  let isStopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (!isStopping)
        void stop(signal, { listening, timers, messages, background, database }, log);
      isStopping = true;
    });
  }
}

/** Formats lines for people if the settings say so, or in development on a terminal. */
function lineFormat({ logFormat }: Config): FormatLine {
  const isTerminal = process.stdout.isTTY === true;
  const isPretty = logFormat === 'pretty' || (logFormat === 'auto' && isTerminal);
  // NO_COLOR counts if it is set and not empty (https://no-color.org).
  return isPretty ? prettyFormat(isTerminal && !process.env.NO_COLOR) : jsonFormat;
}

/**
 * Migrates a database file and runs the start-up. Returns false, and logs a warning, if the database is not ready: a
 * database server may be down, or its operator may not have migrated it yet.
 */
async function prepare(config: Config, database: LibsqlDatabase, deps: Deps): Promise<boolean> {
  if (filePathOf(config.databaseUrl) !== undefined) await database.migrate();
  try {
    await deps.pingDatabase();
    await startUp(deps);
    return true;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const cure =
      'start the database that DATABASE_URL names; if it is new, run `latchkey migrate` (`npm run db:migrate`)';
    deps.log.warn('database_not_ready', { error: describeError(error), cure });
    return false;
  }
}

function announce(
  { environment, host, seedDemoUser, isDemoUserLeftOut, servesDocs, messages, pages }: Config,
  { port, isReady }: Pick<Listening, 'port'> & { readonly isReady: boolean },
  log: Logger,
  output: LineWriter,
): void {
  const url = urlOf(host, port);
  const docs = servesDocs ? `${url}/docs` : undefined;
  if (seedDemoUser && !isLoopback(host)) log.warn('demo_user_open_to_network', { host });
  if (isDemoUserLeftOut) log.info('demo_user_left_out', { host, cure: DEMO_USER_CURE });
  if (environment === 'production') log.info('started', { url, docs });
  else {
    output.write(`Latchkey listens on ${url}${docs ? `\nTry it at ${docs}` : ''}`);
    if (seedDemoUser && isReady) {
      output.write(DEMO_LOGIN);
    }
    if (pages.isServed) output.write(`Account pages: ${url}/account`);
    if ([messages.mail, messages.sms].some((sender) => sender?.kind === 'console')) {
      output.write(`Messages are printed here, and listed at ${url}/dev/messages`);
    }
    if (isDemoUserLeftOut)
      output.write(`No demo user: the network can reach ${host}. ${DEMO_USER_CURE}`);
  }
  output.flush();
}

async function stop(
  signal: string,
  { listening, timers, messages, background, database }: Running,
  log: Logger,
): Promise<void> {
  log.info('stopping', { signal });
  let unfinished = 'stopped_with_requests_open';
  const limit = setTimeout(() => {
    log.warn(unfinished);
    process.exit(0);
  }, SHUTDOWN_LIMIT_MS);
  // The last requests may still queue messages.
  const closed = listening.close().then(messages.stop);
  await Promise.all([closed, ...timers.map((timer) => timer.stop())]);
  unfinished = 'stopped_with_work_open';
  await background.idle();
  clearTimeout(limit);
  database.close();
  process.exit(0);
}
