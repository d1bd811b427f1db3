import { posix } from 'node:path';
import type { BrokenLink, Link } from './document.js';

/** Where a link leads. Only what stays within the digested folder can be checked offline. */
export type LinkTarget =
  | { readonly where: 'elsewhere' }
  | { readonly where: 'local'; readonly path: string; readonly fragment: string };

/** The folder as the link check sees it. */
export interface Shelf {
  exists(path: string): Promise<boolean>;
  /** What fragments of a document may name; `undefined` where that is not known, as in source files. */
  anchors(path: string): Promise<ReadonlySet<string> | undefined>;
}

/**
 * @param from the document the link stands in, relative to the folder
 */
export function targetOf(href: string, from: string): LinkTarget {
  if (/^([a-z][a-z\d+.-]*:|\/)/i.test(href) || href.trim() === '') return { where: 'elsewhere' };
  const hash = href.indexOf('#');
  const file = decode((hash < 0 ? href : href.slice(0, hash)).replace(/\?.*$/, ''));
  const fragment = hash < 0 ? '' : decode(href.slice(hash + 1)).toLowerCase();
  const path = file === '' ? from : posix.normalize(posix.join(posix.dirname(from), file));
  return path === '..' || path.startsWith('../')
    ? { where: 'elsewhere' }
    : { where: 'local', path, fragment };
}

export function localLinks(links: readonly Link[], from: string): Link[] {
  return links.filter((link) => targetOf(link.href, from).where === 'local');
}

/** The links that lead to no file or to no anchor. */
export async function checkLinks(from: string, links: readonly Link[], shelf: Shelf): Promise<BrokenLink[]> {
  const broken: BrokenLink[] = [];
  for (const link of links) {
    const target = targetOf(link.href, from);
    if (target.where === 'elsewhere') continue;
    if (!(await shelf.exists(target.path))) broken.push({ ...link, reason: 'NO_SUCH_FILE' });
    else if (target.fragment !== '' && target.fragment !== 'top') {
      const anchors = await shelf.anchors(target.path);
      const name = target.fragment.replace(/^user-content-/, '');
      if (anchors && !anchors.has(name)) broken.push({ ...link, reason: 'NO_SUCH_ANCHOR' });
    }
  }
  return broken;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
