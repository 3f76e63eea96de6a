import { type Metric, OPEN, OTHER } from './metrics.ts';
import { labelText } from './text-format.ts';

/** Labels by name. */
export type Labels = Readonly<Record<string, string>>;

/** The numbers of a metric for one combination of labels. */
export interface Point {
  /** As the text format writes them, without braces; empty if there are none. */
  readonly labels: string;
  /** Of a counter, its value. Of a histogram, the sum of the values. */
  sum: number;
  /** Of a histogram, the number of values in each bucket, not cumulated; the last is that of the larger values. */
  readonly counts: number[];
  /** Adds a value to a histogram. */
  observe(value: number): void;
}

/** The points of a metric. */
export interface Series {
  /** Finds or creates the point of these labels. Builds no text for a point that exists. */
  at(labels: Labels): Point;
  /** Creates the points of all combinations, if all values are known beforehand. */
  fill(): void;
  /** In the order of their creation. */
  all(): Point[];
}

/** Bounds the values of an open label. Latchkey has about a hundred routes. */
export const MAX_OPEN_VALUES = 500;

/** A label and the indices of its values. */
class Label {
  readonly name: string;
  readonly isOpen: boolean;
  /** Maximum number of values, `_OTHER` included. */
  readonly size: number;
  readonly #indices = new Map<string, number>([[OTHER, 0]]);

  constructor(name: string, values: Metric['labels'][string]) {
    this.name = name;
    this.isOpen = values === OPEN;
    const known = values === OPEN ? [] : values;
    for (const value of known) this.#indices.set(value, this.#indices.size);
    this.size = this.isOpen ? MAX_OPEN_VALUES + 1 : this.#indices.size;
  }

  /** The values that are known beforehand. */
  get known(): string[] {
    return [...this.#indices.keys()].slice(1);
  }

  /** Returns the index of a value: that of `_OTHER` if it is unknown, or if an open label has too many. */
  indexOf(value: string): number {
    const found = this.#indices.get(value);
    if (found !== undefined) return found;
    if (!this.isOpen || this.#indices.size >= this.size) return 0;
    const added = this.#indices.size;
    this.#indices.set(value, added);
    return added;
  }
}

export function createSeries({ labels: definition, buckets = [] }: Metric): Series {
  const labels = Object.entries(definition).map(([name, values]) => new Label(name, values));
  /** By the indices of the values, combined into one number: cheaper to compute than a text. */
  const points = new Map<number, Point>();

  function createPoint(values: Labels): Point {
    const texts = labels.map((label) => {
      const value = values[label.name] ?? OTHER;
      return labelText(label.name, label.indexOf(value) === 0 ? OTHER : value);
    });
    const counts: number[] = Array(buckets.length + 1).fill(0);
    return {
      labels: texts.filter((text) => text !== '').join(','),
      sum: 0,
      counts,
      observe(value) {
        let i = 0;
        while (i < buckets.length && value > (buckets[i] ?? 0)) i++;
        counts[i] = (counts[i] ?? 0) + 1;
        this.sum += value;
      },
    };
  }

  function at(values: Labels): Point {
    let key = 0;
    for (const label of labels) {
      key = key * label.size + label.indexOf(values[label.name] ?? OTHER);
    }
    const found = points.get(key);
    if (found) return found;
    const created = createPoint(values);
    points.set(key, created);
    return created;
  }

  return {
    at,
    all: () => [...points.values()],
    fill() {
      if (labels.some(({ isOpen }) => isOpen)) return;
      const combinations = labels.reduce<Labels[]>(
        (all, { name, known }) =>
          all.flatMap((labelled) => known.map((value) => ({ ...labelled, [name]: value }))),
        [{}],
      );
      for (const combination of combinations) at(combination);
    },
  };
}
