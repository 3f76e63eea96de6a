import { fileURLToPath } from 'node:url';
import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/libsql';
import { migrate } from 'drizzle-orm/libsql/migrator';
import type { App } from '../../src/app.ts';
import { parseConfig } from '../../src/config/config.ts';
import type { Database } from '../../src/core/db/database.ts';
import { createLogger } from '../../src/core/log.ts';
import { createRegistry } from '../../src/core/metrics/registry.ts';
import { createOutbound } from '../../src/core/outbound.ts';
import { createDeps, type Deps } from '../../src/deps.ts';
import type { SecondFactor } from '../../src/features/sign-in/proof.ts';
import type { Platform } from '../../src/platform.ts';
import { createMeasure, measureClient } from '../../src/runtime/databases/measured.ts';
import { createAssetReader } from '../../src/runtime/ports/assets.ts';
import { createBackground } from '../../src/runtime/ports/background.ts';
import { type Assembly, assemble } from '../../src/start-up.ts';

export const MIGRATIONS = fileURLToPath(new URL('../../drizzle', import.meta.url));

export interface TestApp extends Assembly {
  readonly deps: Deps;
  readonly db: Database;
  /** All lines that the app has logged. */
  readonly logs: string[];
  /** Resolves when no work of earlier requests is left. */
  idle(): Promise<void>;
  /** Closes the database while the app uses it. */
  closeDatabase(): void;
  /** Moves the clock forward. */
  advance(seconds: number): void;
}

/** Turns off all rate limits, because a test sends many requests from one address. */
export const NO_LIMITS = {
  RATE_LIMIT_LOGIN: 'off',
  RATE_LIMIT_SIGNUP: 'off',
  RATE_LIMIT_REFRESH: 'off',
  RATE_LIMIT_DEFAULT: 'off',
  RATE_LIMIT_MESSAGES: 'off',
  RATE_LIMIT_AVATAR: 'off',
} as const;

/** The settings for tests: development, cheap hashes, no demo user. */
export const testSettings = {
  ...NO_LIMITS,
  APP_ENV: 'development',
  SECRET_KEY: 'a secret for tests, long enough to sign with',
  PASSWORD_ROUNDS: '1',
  SEED_DEMO_USER: 'false',
} as const;

/** Of the hashes that tests in this process make: a hundredth of the real cost. */
export const HASH_ITERATIONS = 1000;

/** Creates an app with its own in-memory database, the real migrations and a fixed clock. */
export async function createTestApp(
  settings: Record<string, string> = {},
  platform: Partial<Omit<Platform, 'db' | 'clock' | 'log'>> = {},
  secondFactors: readonly SecondFactor[] = [],
): Promise<TestApp> {
  const client = createClient({ url: ':memory:' });
  const db = drizzle({ client });
  await migrate(db, { migrationsFolder: MIGRATIONS });

  let now = Date.UTC(2026, 0, 1, 12);
  const clock = () => now;
  const logs: string[] = [];
  const config = parseConfig(
    { ...testSettings, ...settings },
    { environment: 'development', databaseUrl: 'file:unused', hasFiles: true },
  );
  const registry = config.metricsToken === undefined ? undefined : createRegistry();
  const meter = registry?.meter;
  const measure = createMeasure({ meter });
  if (measure) measureClient(client, measure);
  const ports = {
    ...{ db, gauges: registry, meter },
    clock,
    log: createLogger(config.logLevel, (line) => logs.push(line), clock),
    fetch: createOutbound(fetch),
    readAsset: createAssetReader(),
    hashIterations: HASH_ITERATIONS,
    ...platform,
  };
  const deps = await createDeps(config, ports, secondFactors);
  const assembly = assemble(deps);
  const background = createBackground(ports.log);
  const { fetch: answer } = assembly.app;
  // A server passes the context of the work that outlives a response.
  assembly.app.fetch = (request, env, context = background) => answer(request, env, context);
  return {
    ...assembly,
    idle: () => background.idle(),
    deps,
    db,
    logs,
    closeDatabase: () => client.close(),
    advance: (seconds) => {
      now += seconds * 1000;
    },
  };
}

/** Returns the options of a request with a JSON body. */
export const json = (method: string, body: unknown, headers: Record<string, string> = {}) => ({
  method,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** Returns the options of a form request, such as a login of the OAuth2 password flow. */
export const form = (fields: Record<string, string>) => ({
  method: 'POST',
  body: new URLSearchParams(fields),
});

export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

/** Signs up a new user and logs in. Returns the user and the access token. */
export async function newUser(app: App, email = 'ada@example.com', password = 'analytical engine') {
  const signUp = await app.request('/auth/signup', json('POST', { email, password }));
  const { id } = (await signUp.json()) as { id: number };
  const logIn = await app.request('/auth/login', form({ username: email, password }));
  const { access_token: token } = (await logIn.json()) as { access_token: string };
  return { id, email, password, token };
}
