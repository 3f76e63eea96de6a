import { Argument, InvalidArgumentError, type Command as Parser } from 'commander';
import { parseFrom } from '../../sources/forms.ts';
import { SOURCE_KINDS, type SourceKind } from '../../sources/kind.ts';
import { readSourceMap, SOURCE_NAME, type SourceMap } from '../../sources/source-map.ts';
import { MAX_OPERATOR_LENGTH, type OutputOptions, wantsJson } from '../users/operator.ts';
import { lineOf, withJson } from '../users/subcommand.ts';

/** The options of a run. */
export interface ImportOptions {
  readonly kind: SourceKind;
  readonly from: string;
  readonly map: SourceMap | undefined;
  /** The name of the source in the table `imports`. */
  readonly source: string;
  readonly dryRun: boolean;
  readonly skipClashes: boolean;
  readonly resolve: string | undefined;
  readonly keepIds: boolean;
  readonly report: string | undefined;
  readonly asJson: boolean;
  readonly operator: string | undefined;
  /** The folder of the files for D1. */
  readonly d1: string | undefined;
}

/** As Commander parses them. Absent ones are undefined. */
export type GivenOptions = OutputOptions &
  Partial<Omit<ImportOptions, 'kind' | 'from' | 'map' | 'asJson'>> & {
    readonly from: string;
    readonly map?: string;
  };

function sourceNameOf(text: string): string {
  if (SOURCE_NAME.test(text)) return text;
  throw new InvalidArgumentError(
    'It must be 1 to 63 characters of a-z, 0-9 and ._-, and begin with a letter or digit.',
  );
}

function pathOf(text: string): string {
  if (text !== '' && !text.includes('\0')) return text;
  throw new InvalidArgumentError('It must be a path.');
}

/** Declares the arguments. */
export const declareOptions = (parser: Parser): Parser =>
  withJson(
    parser
      .addArgument(new Argument('<KIND>', 'What has the accounts.').choices(SOURCE_KINDS))
      .requiredOption('--from <FORM>', 'Where they are; see below.')
      .option('--map <FILE>', 'For csv: which columns have what.', pathOf)
      .option(
        '--source <NAME>',
        'The name of the source, by which a later run knows what is imported. Default: that of the map, or the kind.',
        sourceNameOf,
      )
      .option('--dry-run', 'Write nothing; list each clash.')
      .option(
        '--skip-clashes',
        'Leave out accounts with clashes, instead of stopping at the first.',
      )
      .option('--resolve <FILE>', 'What becomes of accounts with clashes, as JSON.', pathOf)
      .option(
        '--keep-ids',
        'Keep the ids of the source. The first run needs a database without accounts.',
      )
      .option('--d1 <FOLDER>', 'Write SQL files for D1 into a new folder.', pathOf)
      .option('--report <FILE>', 'Write the whole report; JSON if it ends in .json.', pathOf)
      .option(
        '--operator <NAME>',
        'Who acts, for the audit log. Default: the name of the user who runs this.',
        lineOf(MAX_OPERATOR_LENGTH),
      ),
  );

/**
 * Completes the options. Ends the program if they contradict each other.
 *
 * @throws ArgumentError for a form of `--from` or a map that is not valid
 * @throws CommandError for a map that cannot be read
 */
export function optionsOf(parser: Parser, kind: SourceKind, given: GivenOptions): ImportOptions {
  if (given.from === '') parser.error('Missing argument: --from');
  parseFrom(given.from);
  if (kind === 'csv' && given.map === undefined) parser.error('csv needs --map FILE.');
  if (kind !== 'csv' && given.map !== undefined) parser.error('--map is for csv.');
  const map = given.map === undefined ? undefined : readSourceMap(given.map);
  return {
    ...{ kind, from: given.from, map, source: given.source ?? map?.source ?? kind },
    ...{ resolve: given.resolve, report: given.report, operator: given.operator, d1: given.d1 },
    ...{ dryRun: given.dryRun ?? false, skipClashes: given.skipClashes ?? false },
    ...{ keepIds: given.keepIds ?? false, asJson: wantsJson(given) },
  };
}
