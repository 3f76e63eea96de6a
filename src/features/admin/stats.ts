/** The numbers of one day (UTC). */
export interface DayCounts {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly signUps: number;
  readonly logIns: number;
  readonly failedLogIns: number;
  readonly lockouts: number;
  /** Sessions that are live now and were last used on this day. */
  readonly activeSessions: number;
}

export interface Stats {
  /** Oldest first; the last one is today, so far. */
  readonly days: readonly DayCounts[];
  /** Messages in the outbox by their state. */
  readonly messages: Readonly<Record<'waiting' | 'sent' | 'rejected' | 'dead', number>>;
}

export interface StatsReader {
  /** @param days 1 to 30 */
  read(days: number): Promise<Stats>;
}
