import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import type { Client, InArgs, InStatement, ResultSet } from '@libsql/client';
import { failureKind } from '../../core/db/database.ts';
import type { Meter } from '../../core/metrics/meter.ts';
import { OTHER } from '../../core/metrics/metrics.ts';
import type { Tracer } from '../../core/tracer.ts';
import type { EmbeddedClient } from './embedded-client.ts';

/** Measures a call of the database. Calls `run` at once, so that the order of calls stays the same. */
export type Measure = <Result>(operation: string, run: () => Promise<Result>) => Promise<Result>;

/** Returns `undefined` if nothing records the calls: a client is then used as it is. */
export function createMeasure({
  meter,
  tracer,
}: {
  readonly meter?: Meter | undefined;
  readonly tracer?: Tracer | undefined;
}): Measure | undefined {
  if (!meter && !tracer) return undefined;
  return (operation, run) => {
    const start = performance.now();
    const span = tracer?.startQuery(operation);
    const end = (failure: '' | ReturnType<typeof failureKind>) => {
      const seconds = (performance.now() - start) / 1000;
      const labels = { db_operation_name: operation, error_type: failure };
      meter?.observe('db_client_operation_duration_seconds', seconds, labels);
      span?.end(failure || undefined);
    };
    return run().then(
      (result) => {
        end('');
        return result;
      },
      (error: unknown) => {
        end(failureKind(error));
        throw error;
      },
    );
  };
}

const VERB = /^\s*(select|insert|update|delete)\b/i;

/** Names a statement by its verb; those of a `WITH` and of the start have none. */
const operationOf = (sql: string): string => VERB.exec(sql)?.[1]?.toUpperCase() ?? OTHER;

/** Measures all statements of a libSQL client, in place. */
export function measureClient(client: Client | EmbeddedClient, measure: Measure): void {
  // One of the overloads; both have these parameters.
  const execute = client.execute.bind(client) as (
    statement: InStatement,
    args?: InArgs,
  ) => Promise<ResultSet>;
  const batch = client.batch.bind(client);
  client.execute = (statement: InStatement, args?: InArgs) => {
    const sql = typeof statement === 'string' ? statement : statement.sql;
    return measure(operationOf(sql), () => execute(statement, args));
  };
  client.batch = (...args) => measure('BATCH', () => batch(...args));
  if (!('lookUp' in client)) return;
  const { lookUp } = client;
  client.lookUp = (sql) => {
    const find = lookUp(sql);
    return (args) => measure('SELECT', () => find(args));
  };
}

/** Returns a D1 database whose statements are measured. */
export function measuredD1(binding: D1Database, measure: Measure): D1Database {
  const measured: Pick<D1Database, 'prepare' | 'batch'> = {
    prepare: (sql) => measuredStatement(binding.prepare(sql), operationOf(sql), measure),
    batch: (statements) => measure('BATCH', () => binding.batch(statements)),
  };
  return Object.assign(Object.create(binding), measured);
}

/** Measures a statement in place, because a batch accepts only D1's own statements. */
function measuredStatement(
  statement: D1PreparedStatement,
  operation: string,
  measure: Measure,
): D1PreparedStatement {
  const bind = statement.bind.bind(statement);
  const all = statement.all.bind(statement);
  const raw = statement.raw.bind(statement) as (...args: unknown[]) => Promise<unknown>;
  const run = statement.run.bind(statement);
  return Object.assign(statement, {
    bind: (...values: unknown[]) => measuredStatement(bind(...values), operation, measure),
    all: () => measure(operation, all),
    raw: (...args: unknown[]) => measure(operation, () => raw(...args)),
    run: () => measure(operation, run),
  });
}
