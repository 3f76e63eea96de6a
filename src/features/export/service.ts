import type { Caller } from '../../core/caller.ts';
import { describeError } from '../../core/db/database.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { FileStore } from '../../core/ports.ts';
import { type AuditEvent, eventsAt } from '../audit/event.ts';
import type { SessionStore } from '../sessions/store.ts';
import type { ProfileView } from '../users/profile.ts';
import { avatarText } from './avatar-text.ts';
import type { AccountExport } from './schemas.ts';
import {
  createExportStore,
  type ExportStore,
  type ExportStoreParts,
  PAGE_ROWS,
  type Row,
  type Subject,
} from './store.ts';
import {
  toAccount,
  toCode,
  toDevice,
  toEvent,
  toImport,
  toLoginFailures,
  toMessage,
  toNetwork,
  toNotice,
  toReservedAddress,
  toSession,
} from './views.ts';

export interface ExportService {
  /**
   * Reads everything that is stored about an account, as parts of a JSON text. Each page is read when it is asked for.
   * Records the export before the first part. Throws, before the text is complete, if the session has ended or, at the
   * first part, is no longer fresh. For an operator, throws AppError `not_found` if there is no such account.
   *
   * @param requestUrl see {@link ProfileView}
   */
  read(subject: Subject, caller: Caller, requestUrl?: string): AsyncGenerator<string, void>;
}

export interface ExportParts extends ExportStoreParts {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly log: Logger;
  readonly profileOf: ProfileView;
  /** Without it, the export has no bytes of the picture. */
  readonly files: Pick<FileStore, 'get'> | undefined;
  readonly sessions: Pick<SessionStore, 'isLoggedInBy' | 'isFreshlyLoggedInBy' | 'findLive'>;
}

/** A list of the export. */
interface List {
  readonly name: keyof AccountExport;
  /** Reads the items after a row, as JSON. `next` is the row after which the next page begins, if there may be one. */
  page(
    owner: Subject,
    after: number,
  ): Promise<{ readonly items: readonly string[]; readonly next: number | undefined }>;
}

const list = <Of extends Row>(
  name: keyof AccountExport,
  read: (owner: Subject, after: number) => PromiseLike<readonly Of[]>,
  view: (row: Of) => object,
): List => ({
  name,
  async page(owner, after) {
    const rows = await read(owner, after);
    const next = rows.length < PAGE_ROWS ? undefined : rows.at(-1)?.row;
    return { items: rows.map((row) => JSON.stringify(view(row))), next };
  },
});

const listsOf = (store: ExportStore): readonly List[] => [
  list('sessions', store.sessions, toSession),
  list('devices', store.devices, toDevice),
  list('known_networks', store.networks, toNetwork),
  list('reserved_addresses', store.reservedAddresses, toReservedAddress),
  list('pending_codes', store.codes, toCode),
  list('messages', store.messages, toMessage),
  list('notices', store.notices, toNotice),
  list('login_failures', store.loginFailures, toLoginFailures),
  list('imports', store.imports, toImport),
  list('events', store.events, toEvent),
];

export function createExportService(parts: ExportParts): ExportService {
  const { clock, log, sessions, profileOf, files } = parts;
  const eventOf = eventsAt(clock);
  const store = createExportStore(parts);
  const lists = listsOf(store);

  async function* pagesOf({ page }: List, owner: Subject): AsyncGenerator<string, void> {
    let after: number | undefined = 0;
    while (after !== undefined) {
      // Lets waiting requests run: a database in this process reads without a pause.
      await new Promise((resolve) => setTimeout(resolve, 0));
      const { items, next }: Awaited<ReturnType<List['page']>> = await page(owner, after);
      if (items.length > 0) yield `${after === 0 ? '' : ','}${items.join(',')}`;
      after = next;
    }
  }

  /** Throws if the account may not be exported any more. */
  async function requireAllowed(subject: Subject): Promise<void> {
    if (!('sessionId' in subject)) return;
    const live = await sessions.findLive(subject.sessionId, subject.id);
    if (!live) throw new AppError('invalid_token');
  }

  async function begin(subject: Subject, caller: Caller): Promise<void> {
    if (await store.begin(subject, beginningOf(subject, caller))) return;
    await requireAllowed(subject);
    throw new AppError('sessionId' in subject ? 'reauthentication_required' : 'not_found');
  }

  function beginningOf(subject: Subject, caller: Caller): AuditEvent {
    if ('sessionId' in subject) return eventOf(caller, subject.id, 'account_export');
    const { reason, operator } = subject;
    return eventOf(caller, null, 'account_export', { detail: { reason, operator } });
  }

  async function* textOf(
    owner: Subject,
    caller: Caller,
    requestUrl: string | undefined,
  ): AsyncGenerator<string, void> {
    await begin(owner, caller);
    const account = await store.account(owner);
    if (!account) throw new AppError('sessionId' in owner ? 'invalid_token' : 'not_found');
    const profile = profileOf(account, requestUrl);
    yield JSON.stringify(toAccount(account, profile, clock())).slice(0, -1);
    yield ',"avatar":';
    yield* avatarText({ store, files, log }, owner, profile);
    for (const each of lists) {
      yield `,"${each.name}":[`;
      yield* pagesOf(each, owner);
      yield ']';
    }
    // A page that the session did not live to read was empty.
    await requireAllowed(owner);
    yield '}';
  }

  return {
    async *read(owner, caller, requestUrl) {
      try {
        yield* textOf(owner, caller, requestUrl);
      } catch (error) {
        log.warn('export_ended', { request_id: caller.requestId, error: describeError(error) });
        // Without the cause, which contains what the statement was given: the runtime may print it.
        throw error instanceof AppError ? error : new Error('the export has ended');
      }
    },
  };
}
