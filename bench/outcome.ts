import { median, type Spread, spreadOf } from './statistics.ts';

export type Unit = 'per second' | 'ms' | 'µs' | 'share' | 'times' | 'kB' | 'MB';

/** What a value must come to. */
export interface Target {
  readonly kind: 'at least' | 'at most';
  readonly bound: number;
}

/** Something that was measured, once a round. */
export interface Figure {
  readonly label: string;
  readonly unit: Unit;
  readonly samples: readonly number[];
  /** What stands for all rounds: their median, unless the worst of them counts. */
  readonly value: number;
  readonly spread: Spread;
}

/** A figure that has a target. */
export interface Row extends Figure {
  readonly target: Target;
  readonly isMet: boolean;
}

/** What one scenario came to. */
export interface Measured {
  readonly figures: readonly Figure[];
  readonly rows: readonly Row[];
  /** What a reader has to know to read the figures right. */
  readonly notes: readonly string[];
}

/** One that could not be measured here, and why. */
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

/** @param value what stands for all rounds, where that is not their median */
export function figure(
  label: string,
  unit: Unit,
  samples: readonly number[],
  value = median(samples),
): Figure {
  return { label, unit, samples, value, spread: spreadOf(samples) };
}

/** A figure held against its target. */
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

/** As a reader sees it: `12,300 /s`, `53%`, `1.07x`. */
export function format(value: number, unit: Unit): string {
  const digits = FRACTION_DIGITS[unit](value);
  const text = (unit === 'share' ? value * 100 : value).toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return `${text}${unit === 'share' ? '%' : SUFFIX[unit]}`;
}

/** `≥ 50%`, `≤ 1.3x`. */
export function formatTarget({ kind, bound }: Target, unit: Unit): string {
  const shown = unit === 'share' ? `${Math.round(bound * 100)}%` : bound;
  return `${kind === 'at least' ? '≥' : '≤'} ${shown}${SUFFIX[unit]}`;
}
