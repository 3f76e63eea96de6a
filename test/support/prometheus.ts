/** A sample of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)$/s;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:\\.|[^"\\])*)"(?:,|$)/gsy;
const NUMBERS: Readonly<Record<string, number>> = {
  '+Inf': Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
};

const unescaped = (text: string): string =>
  text.replaceAll(/\\(.)/gs, (_, character) => (character === 'n' ? '\n' : character));

/** Parses the text format 0.0.4 as its specification describes it. @throws Error for a malformed line */
export const samplesOf = (text: string): Sample[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const groups = LINE.exec(line)?.groups;
      if (!groups) throw new Error(`malformed line: ${line}`);
      const { name = '', labels = '', value = '' } = groups;
      const found = [...labels.matchAll(LABEL)];
      if (found.map(([whole]) => whole).join('') !== labels) {
        throw new Error(`malformed labels: ${line}`);
      }
      return {
        name,
        labels: Object.fromEntries(found.map(([, key = '', raw = '']) => [key, unescaped(raw)])),
        value: NUMBERS[value] ?? Number(value),
      };
    });

/** Returns the value of the only sample with this name and these labels; `undefined` if there is none. */
export function sampleValue(
  text: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = samplesOf(text).filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  if (found.length > 1) throw new Error(`${found.length} samples of ${name}`);
  return found[0]?.value;
}
