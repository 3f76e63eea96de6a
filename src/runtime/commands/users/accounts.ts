import type { Config } from '../../../config/config.ts';
import { createLogger, type Logger } from '../../../core/log.ts';
import type { Meter } from '../../../core/metrics/meter.ts';
import { createOutbound } from '../../../core/outbound.ts';
import type { Later } from '../../../core/ports.ts';
import { prettyFormat } from '../../../core/pretty-log.ts';
import { createDeps, type Deps } from '../../../deps.ts';
import { createAccountStore } from '../../../features/account/store.ts';
import type { Directory } from '../../../features/admin/directory.ts';
import { createDirectory } from '../../../features/admin/directory-store.ts';
import { type AccountView, createAccountView } from '../../../features/admin/fields.ts';
import { type AdminService, createAdminService } from '../../../features/admin/service.ts';
import { createExportService, type ExportService } from '../../../features/export/service.ts';
import type { Platform } from '../../../platform.ts';
import { openLibsql, servingOptions } from '../../databases/libsql.ts';
import { createAssetReader } from '../../ports/assets.ts';
import { createNativeMac } from '../../ports/native-mac.ts';
import { createSmtpMailer } from '../../ports/smtp.ts';
import { openD1 } from './d1-database.ts';
import type { D1Place } from './wrangler.ts';

/** The accounts of a database, administered as by a running server. */
export interface Accounts {
  readonly directory: Directory;
  readonly service: AdminService;
  readonly exports: ExportService;
  readonly viewOf: AccountView;
  /** Starts work that follows an action: above all, sending its message. */
  readonly later: Later;
}

/** After this time, no more messages are sent: a queue may be long. Running servers send the rest. */
const SENDING_MS = 20_000;

/**
 * Opens the accounts of the database that the settings name, runs an action, and waits until the messages that it has
 * queued are sent. A server may have the database open as well.
 */
export async function withAccounts(
  config: Config,
  action: (accounts: Accounts) => Promise<void>,
): Promise<void> {
  const database = await openLibsql(config, servingOptions());
  try {
    const log = createErrorLog();
    const sendings = createSendings();
    const deps = await depsOf(config, { db: database.db, log, meter: sendings.meter });
    await deps.pingDatabase();
    const started: Promise<unknown>[] = [];
    const later: Later = (work) => void started.push(typeof work === 'function' ? work() : work);
    await action(accountsOf(deps, later));
    const limit = setTimeout(() => deps.messages.stop(), SENDING_MS);
    await Promise.allSettled(started);
    clearTimeout(limit);
    sendings.report();
  } finally {
    database.close();
  }
}

/**
 * Runs an action on the accounts of a D1 database, through wrangler. Sends no message, not even a notice: the senders of
 * a Worker are not those of this machine.
 */
export async function withD1Accounts(
  place: D1Place,
  config: Config,
  action: (accounts: Accounts) => Promise<void>,
): Promise<void> {
  const messages = { ...config.messages, mail: undefined, sms: undefined };
  const platform = { db: openD1(place), log: createErrorLog() };
  const deps = await depsOf({ ...config, messages }, platform);
  await action(accountsOf(deps, () => {}));
}

const depsOf = (config: Config, platform: Pick<Platform, 'db' | 'log' | 'meter'>): Promise<Deps> =>
  createDeps(config, {
    fetch: createOutbound(fetch),
    readAsset: createAssetReader(),
    createMac: createNativeMac,
    createSmtpMailer,
    print: (text) => console.error(text),
    ...platform,
  });

function accountsOf(deps: Deps, later: Later): Accounts {
  const accounts = createAccountStore(deps);
  return {
    directory: createDirectory(deps),
    service: createAdminService({ ...deps, accounts }),
    exports: createExportService(deps),
    viewOf: createAccountView(deps.profileOf),
    later,
  };
}

const createErrorLog = (): Logger =>
  createLogger('error', (line) => console.error(line), Date.now, prettyFormat(false));

/** Counts messages that could not be sent. */
function createSendings() {
  let failed = 0;
  const meter: Meter = {
    count(name, labels) {
      const isSent = 'outcome' in labels && labels.outcome === 'sent';
      if (name === 'latchkey_messages_total' && !isSent) failed++;
    },
    observe() {},
  };
  return {
    meter,
    report() {
      if (failed === 0) return;
      console.error(
        'A message could not be sent now. A running server tries again; `latchkey messages test ADDRESS` shows why.',
      );
    },
  };
}
