import path from 'node:path';
import GithubSlugger from 'github-slugger';
import { lexer, type Token, walkTokens } from 'marked';

/** What a document can be asked about the files around it; names are from the repository's root. */
export interface Surroundings {
  /** Whether there is a file or folder of that name. */
  exists(file: string): boolean;
  /** The text of a document. */
  read(file: string): string;
}

/** The relative links and anchors of a Markdown document that lead nowhere, as `file: link`. */
export function brokenLinks(file: string, { exists, read }: Surroundings): string[] {
  return targetsOf(read(file)).flatMap((target) => {
    if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(target)) return [];
    const [place = '', anchor] = decodeURI(target).split('#');
    const linked = place === '' ? file : path.posix.join(path.posix.dirname(file), place.split('?')[0] ?? '');
    const found =
      exists(linked) && (!anchor || !linked.endsWith('.md') || anchorsOf(read(linked)).has(anchor));
    return found ? [] : [`${file}: ${target}`];
  });
}

function targetsOf(text: string): string[] {
  const targets: string[] = [];
  walkTokens(lexer(text), (token: Token) => {
    if (token.type === 'link' || token.type === 'image') targets.push(String(token.href));
    if (token.type !== 'html') return;
    for (const [, target] of token.raw.matchAll(/\s(?:href|src)="([^"]*)"/g)) targets.push(target ?? '');
  });
  return targets;
}

function anchorsOf(text: string): Set<string> {
  const slugger = new GithubSlugger();
  const anchors = new Set<string>();
  walkTokens(lexer(text), (token: Token) => {
    if (token.type === 'heading') anchors.add(slugger.slug(plainText(token)));
    if (token.type !== 'html') return;
    for (const [, id] of token.raw.matchAll(/\s(?:id|name)="([^"]*)"/g)) anchors.add(id ?? '');
  });
  return anchors;
}

function plainText(token: Token): string {
  const inner = 'tokens' in token ? token.tokens : undefined;
  if (inner) return inner.map(plainText).join('');
  return 'text' in token ? String(token.text) : token.raw;
}
