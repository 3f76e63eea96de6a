import { CommandError } from '../../../core/errors.ts';
import { openSourceFile, type SourceFile } from './source-file.ts';

/** A text file. */
export interface TextFile extends SourceFile {
  /** The number of bytes of its byte order mark: 3 or 0. */
  readonly bom: number;
}

/** The greatest length of a row, in bytes. */
export const MAX_ROW_BYTES = 1_000_000;

/** How files of other kinds begin, and what they are. */
const SIGNATURES: readonly (readonly [start: string, is: string])[] = [
  [
    'PGDMP',
    'is a dump in the custom format of pg_dump. Convert it: pg_restore --file=dump.sql FILE, then --from sql:dump.sql',
  ],
  ['SQLite format 3\0', 'is a SQLite database. Use --from sqlite:FILE'],
  ['\x1f\x8b', 'is compressed. Decompress it first: gunzip FILE'],
  ['BZh', 'is compressed. Decompress it first: bunzip2 FILE'],
  ['\x28\xb5\x2f\xfd', 'is compressed. Decompress it first: unzstd FILE'],
  ['PK\x03\x04', 'is a ZIP archive or a spreadsheet. Unpack it, or export it as CSV'],
  ['\xff\xfe', 'is in UTF-16. Save it in UTF-8'],
  ['\xfe\xff', 'is in UTF-16. Save it in UTF-8'],
];

const BOM = '\xef\xbb\xbf';

/** @throws CommandError that names the file, if it cannot be read or is binary */
export function openTextFile(name: string): TextFile {
  const file = openSourceFile(name);
  const start = Buffer.from(file.start).toString('latin1');
  const [, known] = SIGNATURES.find(([signature]) => start.startsWith(signature)) ?? [];
  if (known !== undefined) throw new CommandError(`${file.path} ${known}.`);
  const bom = start.startsWith(BOM) ? BOM.length : 0;
  if (file.size === bom) throw new CommandError(`${file.path} is empty.`);
  return { ...file, bom };
}

/** Returns text as itself if it is ASCII, otherwise its bytes. They are decoded, and checked, when they are used. */
export const valueOfLatin1 = (text: string): string | Uint8Array =>
  NOT_ASCII.test(text) ? Buffer.from(text, 'latin1') : text;

const NOT_ASCII = /[\x80-\xff]/;
