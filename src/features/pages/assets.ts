import type { PageConfig } from '../../config/page-config.ts';
import { digestOf } from '../../core/crypto/digest.ts';
import type { PageAsset } from '../../core/http/pages.ts';
import { SCRIPT } from './script.ts';
import { styleOf } from './style.ts';

/** The length of the part of a digest that names a file. */
const NAME_LENGTH = 12;

/** Names a file by its text, so that browsers can keep it. */
const assetOf = (start: string, text: string, end: string, type: PageAsset['type']): PageAsset => ({
  path: `${start}-${digestOf(text).slice(0, NAME_LENGTH)}.${end}`,
  text,
  type,
});

/** @param start of its path, such as `/account/style` */
export const styleAsset = (start: string, text: string): PageAsset =>
  assetOf(start, text, 'css', 'text/css');

/** @param start of its path, such as `/account/script` */
export const scriptAsset = (start: string, text: string): PageAsset =>
  assetOf(start, text, 'js', 'text/javascript');

/** The style sheet and the script of all pages. */
export const commonAssets = (
  brand: PageConfig['brand'],
): { readonly style: PageAsset; readonly script: PageAsset } => ({
  style: styleAsset('/account/style', styleOf(brand)),
  script: scriptAsset('/account/script', SCRIPT),
});

/** Where images come from besides the own origin. */
export const imageSourcesOf = ({ logo }: PageConfig['brand']): readonly string[] =>
  logo === undefined ? [] : [new URL(logo).origin];
