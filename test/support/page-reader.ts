import { decode } from '../messages/html.ts';

/** A form as a browser sends it. */
export interface Form {
  readonly action: string | undefined;
  readonly method: 'get' | 'post';
  readonly buttons: readonly string[];
  /** The values of its fields by their names, before the user enters anything. */
  readonly values: Readonly<Record<string, string>>;
  /** True for the form of the navigation: the logout. */
  readonly isNavigation: boolean;
  /** True if it stands in a part that only the script shows. */
  readonly isHidden: boolean;
}

export interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The text up to the next tag. */
  readonly text: string;
}

const PART = /<(\/?[a-z0-9]+|!DOCTYPE html)((?: [a-zA-Z-]+(?:="[^"<>]*")?)*)>([^<>]*)/g;
const ATTRIBUTE = / ([a-zA-Z-]+)(?:="([^"]*)")?/g;
const VOID = new Set(['!DOCTYPE html', 'meta', 'link', 'input', 'img', 'br']);

/** Reads the tags of a page. @throws Error if something else than tags and escaped text stands in it */
export function readTags(html: string): Tag[] {
  if (html.replaceAll(PART, '').trim() !== '') {
    throw new Error(`Not a tag or a text: ${html.replaceAll(PART, '').trim().slice(0, 200)}`);
  }
  return [...html.matchAll(PART)].map(([, name = '', attributes = '', text = '']) => ({
    name,
    attributes: Object.fromEntries(
      [...attributes.matchAll(ATTRIBUTE)].map(([, key = '', value = '']) => [key, decode(value)]),
    ),
    // Text may contain an apostrophe or a quotation mark, which need no escape there.
    text: decode(text.replace(/'/g, '&#39;').replace(/"/g, '&quot;')),
  }));
}

/** Calls back for each tag with the tags that it stands in. @throws Error if a tag is not closed where it must be */
function walk(html: string, visit: (tag: Tag, parents: readonly Tag[]) => void): void {
  const open: Tag[] = [];
  for (const tag of readTags(html)) {
    if (tag.name.startsWith('/')) {
      const last = open.pop();
      if (`/${last?.name}` !== tag.name) throw new Error(`${last?.name} ends with ${tag.name}`);
      visit(tag, open);
      continue;
    }
    visit(tag, open);
    if (!VOID.has(tag.name)) open.push(tag);
  }
  if (open.length > 0) throw new Error(`not closed: ${open.map(({ name }) => name).join()}`);
}

export function readForms(html: string): Form[] {
  const forms: (Form & { buttons: string[]; values: Record<string, string> })[] = [];
  let chosen: { form: { values: Record<string, string> }; name: string } | undefined;
  walk(html, ({ name, attributes, text }, parents) => {
    const form = forms.at(-1);
    const isInForm = parents.some((parent) => parent.name === 'form');
    if (name === 'form') {
      const { method = 'get' } = attributes;
      if (method !== 'get' && method !== 'post') throw new Error(`a form of method ${method}`);
      forms.push({
        method,
        action: attributes.action,
        buttons: [],
        values: {},
        isNavigation: parents.some((parent) => parent.name === 'nav'),
        isHidden: parents.some((parent) => 'hidden' in parent.attributes),
      });
    } else if (form && isInForm && name === 'button') form.buttons.push(text);
    else if (form && isInForm && name === 'input' && attributes.name !== undefined) {
      form.values[attributes.name] = attributes.value ?? '';
    } else if (form && isInForm && name === 'select' && attributes.name !== undefined) {
      chosen = { form, name: attributes.name };
    } else if (chosen && name === 'option') {
      const { values } = chosen.form;
      const isFirst = !Object.hasOwn(values, chosen.name);
      if (isFirst || 'selected' in attributes) values[chosen.name] = attributes.value ?? '';
    } else if (name === '/select') chosen = undefined;
    else if (form && isInForm && name === 'textarea' && attributes.name !== undefined) {
      form.values[attributes.name] = text.replace(/^\n/, '');
    }
  });
  return forms;
}

/** Reads what a page shows. */
export function readPage(html: string) {
  const lines: string[] = [];
  const [notices, errors]: [string[], Record<string, string>] = [[], {}];
  const [links, invalid]: [Record<string, string>, string[]] = [{}, []];
  const inputs: Record<string, Readonly<Record<string, string>>> = {};
  let [title, heading, alert] = ['', '', ''];
  walk(html, ({ name, attributes, text }, parents) => {
    const isHidden = [...parents, { attributes }].some((each) => 'hidden' in each.attributes);
    if (!isHidden && text.trim() !== '') lines.push(text.trim());
    if (name === 'title' && parents.at(-1)?.name === 'head') title = text;
    if (name === 'h1') heading = text;
    if (attributes.role === 'alert') alert = text;
    if (attributes.role === 'status') notices.push(text);
    if (name === 'a' && attributes.href !== undefined) links[text] = attributes.href;
    if (attributes.class === 'error') errors[(attributes.id ?? '').replace(/-error$/, '')] = text;
    if (['input', 'textarea', 'select'].includes(name) && attributes.id !== undefined) {
      inputs[attributes.id] = attributes;
      if (attributes['aria-invalid'] === 'true') invalid.push(attributes.id);
    }
  });
  return { title, heading, alert, notices, errors, invalid, links, inputs, text: lines.join('\n') };
}
