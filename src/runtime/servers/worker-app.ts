import type {
  AnalyticsEngineDataset,
  D1Database,
  Fetcher,
  R2Bucket,
  RateLimit,
} from '@cloudflare/workers-types';
import type { createApp } from '../../app.ts';
import { type Config, parseConfig } from '../../config/config.ts';
import { misspelledSettings } from '../../config/misspelled-settings.ts';
import { describeError } from '../../core/db/database.ts';
import { ConfigError } from '../../core/errors.ts';
import { createLogger, jsonFormat, type Logger } from '../../core/log.ts';
import { createGauges } from '../../core/metrics/gauges.ts';
import { createOutbound } from '../../core/outbound.ts';
import { type FileStore, type Outbound, textOf } from '../../core/ports.ts';
import { prettyFormat } from '../../core/pretty-log.ts';
import { createDeps } from '../../deps.ts';
import { createS3Store } from '../../features/avatars/s3-files.ts';
import type { Platform } from '../../platform.ts';
import { type Assembly, assemble, startUp } from '../../start-up.ts';
import { createMeasure } from '../databases/measured.ts';
import { D1_URL, openWorkerDatabase } from '../databases/worker-database.ts';
import { createAnalyticsMeter } from '../ports/analytics-meter.ts';
import { createR2Store } from '../ports/r2-files.ts';

/** Bindings and settings of a Worker. */
export interface WorkerEnv {
  readonly DB?: D1Database;
  readonly ASSETS: Fetcher;
  /** The rate limiter of Workers, which counts per location. Protects only against floods. */
  readonly FLOOD_GATE?: RateLimit;
  /** Receives metrics. */
  readonly METRICS?: AnalyticsEngineDataset;
  /** The bucket of pictures, or a setting of this name. */
  readonly AVATARS?: R2Bucket | string;
  readonly [setting: string]: unknown;
}

/** The app of an isolate. */
export interface WorkerAssembly extends Assembly {
  /** Call it at the start of each request and event. */
  beginInvocation(): void;
}

/** Dependencies that tests replace. */
export interface WorkerSeams extends Pick<Platform, 'clock'> {
  readonly createApp?: typeof createApp;
}

/**
 * Assembles the API for a Worker. If the database does not respond, logs a warning and starts anyway.
 *
 * @param seams for tests only; the entry module passes nothing
 * @throws ConfigError
 */
export async function createWorkerApp(
  env: WorkerEnv,
  { createApp: create, ...seams }: WorkerSeams = {},
): Promise<WorkerAssembly> {
  const config = parseConfig(env, {
    environment: 'production',
    databaseUrl: env.DB && D1_URL,
    hasFiles: false,
  });
  const meter = env.METRICS && createAnalyticsMeter(env.METRICS);
  const db = openWorkerDatabase(config, env.DB, createMeasure({ meter }));
  // A Worker does not know whether its log is shown on a terminal.
  const format = config.logFormat === 'pretty' ? prettyFormat(false) : jsonFormat;
  const log = createLogger(config.logLevel, (line) => console.log(line), Date.now, format);
  for (const hint of misspelledSettings(env)) log.warn('unknown_setting', { hint });
  const readAsset = async (path: string) => {
    const { ok, body } = await env.ASSETS.fetch(`https://assets.invalid/${path}`);
    return ok && body ? { body: body as unknown as ReadableStream } : undefined;
  };
  const { FLOOD_GATE: gate } = env;
  const floodGate = gate && failOpen(gate, log);
  const send = createOutbound(fetch);
  const deps = await createDeps(config, {
    ...{ db, log, meter, runtime: 'workerd' },
    // Each isolate has numbers of its own, which nobody can add up. Only gauges that all of them share are served.
    gauges: config.metricsToken === undefined ? undefined : createGauges(),
    fetch: send,
    files: filesOf(config, env, send),
    readAsset,
    async readDocument() {
      const asset = await readAsset('docs/openapi.json');
      return asset && textOf(asset);
    },
    floodGate,
    print: (text) => console.log(text),
    ...seams,
  });
  try {
    await startUp(deps);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    log.warn('database_not_ready', {
      error: describeError(error),
      cure: env.DB ? 'apply the migrations of D1' : 'check DATABASE_URL; if it is new, migrate it',
    });
  }
  return { ...assemble(deps, create), beginInvocation: () => meter?.beginInvocation() };
}

/** Creates the store of pictures: the bucket that the settings name, or the one that is bound. */
function filesOf(
  { avatars }: Config,
  { AVATARS: bound }: WorkerEnv,
  send: Outbound,
): FileStore | undefined {
  if (avatars.kind === 's3') return createS3Store(avatars, send);
  const isBound = avatars.kind === 'default' && typeof bound === 'object';
  return isBound ? createR2Store(bound) : undefined;
}

/** Admits every request while the flood gate fails; Latchkey's own limits still apply. */
const failOpen =
  (gate: RateLimit, log: Logger) =>
  async (key: string): Promise<boolean> => {
    try {
      return (await gate.limit({ key })).success;
    } catch (error) {
      log.warn('flood_gate_failed', { error: describeError(error) });
      return true;
    }
  };
