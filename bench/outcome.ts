import { median, type Spread, spreadOf } from './statistics.ts';

export type Unit = 'per second' | 'ms' | 'µs' | 'share' | 'times' | 'kB' | 'MB';

/** The bound for a value. */
export interface Target {
  readonly kind: 'at least' | 'at most';
  readonly bound: number;
}

/** A quantity, measured once per round. */
export interface Figure {
  readonly label: string;
  readonly unit: Unit;
  readonly samples: readonly number[];
  /** The value that represents all rounds: their median, or the worst one. */
  readonly value: number;
  readonly spread: Spread;
}

/** A figure with a target. */
export interface Row extends Figure {
  readonly target: Target;
  readonly isMet: boolean;
}

/** The results of a scenario. */
export interface Measured {
  readonly figures: readonly Figure[];
  readonly rows: readonly Row[];
  /** Remarks that a reader needs to interpret the figures. */
  readonly notes: readonly string[];
}

/** The reason why a scenario could not be measured. */
export interface NotMeasured {
  readonly notMeasured: string;
}

export type Outcome = Measured | NotMeasured;

export interface NamedOutcome {
  readonly scenario: string;
  readonly title: string;
  readonly outcome: Outcome;
}

export const isMeasured = (outcome: Outcome): outcome is Measured => 'rows' in outcome;

export const atLeast = (bound: number): Target => ({ kind: 'at least', bound });
export const atMost = (bound: number): Target => ({ kind: 'at most', bound });

/** @param value the value that represents all rounds; default: their median */
export function figure(
  label: string,
  unit: Unit,
  samples: readonly number[],
  value = median(samples),
): Figure {
  return { label, unit, samples, value, spread: spreadOf(samples) };
}

/** Compares a figure with its target. */
export function row(target: Target, measured: Figure): Row {
  const { kind, bound } = target;
  const isMet = kind === 'at least' ? measured.value >= bound : measured.value <= bound;
  return { ...measured, target, isMet };
}

const FRACTION_DIGITS: Record<Unit, (value: number) => number> = {
  'per second': (value) => (value < 100 ? 1 : 0),
  ms: (value) => (value < 100 ? 2 : 0),
  µs: (value) => (value < 100 ? 1 : 0),
  share: () => 1,
  times: (value) => (value < 10 ? 2 : 1),
  kB: () => 1,
  MB: () => 1,
};

const SUFFIX: Record<Unit, string> = {
  'per second': ' /s',
  ms: ' ms',
  µs: ' µs',
  share: '',
  times: 'x',
  kB: ' kB',
  MB: ' MB',
};

/** Formats a value: `12,300 /s`, `53%`, `1.07x`. */
export function format(value: number, unit: Unit): string {
  const digits = FRACTION_DIGITS[unit](value);
  const text = (unit === 'share' ? value * 100 : value).toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return `${text}${unit === 'share' ? '%' : SUFFIX[unit]}`;
}

/** Formats a target: `≥ 50%`, `≤ 1.3x`. */
export function formatTarget({ kind, bound }: Target, unit: Unit): string {
  const shown = unit === 'share' ? `${Math.round(bound * 100)}%` : bound;
  return `${kind === 'at least' ? '≥' : '≤'} ${shown}${SUFFIX[unit]}`;
}
