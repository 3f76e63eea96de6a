import type {
  AccountSource,
  SourceAccount,
  UnreadableValue,
} from '../../features/imports/source.ts';
import { createCells } from './cells.ts';
import type { Row, RowSource } from './row.ts';
import { EMPTY_ACCOUNT, type Kind } from './shape.ts';

/** Reads the accounts that rows describe. */
export function accountsOf(rows: RowSource, kind: Kind): AccountSource {
  const positions = new Map(Object.keys(kind.shape.columns).map((key, index) => [key, index]));

  function accountOf(row: Row): SourceAccount {
    const { place } = row;
    if ('problem' in row)
      return { ...EMPTY_ACCOUNT, place, unreadable: [{ field: 'row', message: row.problem }] };
    const unreadable: UnreadableValue[] = [];
    const cells = createCells({
      times: kind.times,
      cellOf: (key) => row.values[positions.get(key) ?? -1],
      report: (value) => void unreadable.push(value),
    });
    return { ...kind.toAccount(cells), place, unreadable };
  }

  return {
    unit: rows.unit,
    total: rows.total,
    async *read() {
      for await (const row of rows.read()) yield { account: accountOf(row), done: row.done };
    },
    close: () => rows.close(),
  };
}
