import GithubSlugger from 'github-slugger';
import { lexer, type Token, type Tokens } from 'marked';
import type { Link, Outline } from './document.js';

/** Reads Markdown as GitHub shows it: raw HTML counts for its links, anchors and text. */
export function extractMarkdown(source: string, fallbackTitle: string): Outline {
  const body = withoutFrontMatter(source);
  const walk = new Walk();
  let line = 1 + newlinesIn(source.slice(0, source.length - body.length));
  for (const token of lexer(body)) {
    walk.enter(token.raw, line);
    walk.block(token);
    line += newlinesIn(token.raw);
  }
  return {
    title: walk.firstTitle ?? walk.headings[0] ?? fallbackTitle,
    headings: walk.headings,
    anchors: walk.anchors,
    blocks: walk.blocks,
    links: walk.links,
  };
}

class Walk {
  firstTitle: string | undefined;
  readonly headings: string[] = [];
  readonly anchors: string[] = [];
  readonly blocks: string[] = [];
  readonly links: Link[] = [];
  readonly #slugger = new GithubSlugger();
  #raw = '';
  #line = 1;
  #cursor = 0;

  /** Names the top-level block whose links come next, so that they get a line. */
  enter(raw: string, line: number): void {
    this.#raw = raw;
    this.#line = line;
    this.#cursor = 0;
  }

  block(token: Token): void {
    switch (token.type) {
      case 'heading':
        this.#addHeading(
          decodeEntities(this.#plain(token.tokens ?? [])),
          (token as Tokens.Heading).depth === 1,
        );
        break;
      case 'paragraph':
      case 'text':
        this.#prose(this.#plain(token.tokens ?? [token]));
        break;
      case 'list':
        for (const item of (token as Tokens.List).items) for (const inner of item.tokens) this.block(inner);
        break;
      case 'blockquote':
        for (const inner of token.tokens ?? []) this.block(inner);
        break;
      case 'table': {
        const table = token as Tokens.Table;
        for (const cell of [...table.header, ...table.rows.flat()]) this.#prose(this.#plain(cell.tokens));
        break;
      }
      case 'html':
        this.#html(token.raw);
        this.#prose(
          this.#htmlHeadings(withoutTags(token.raw, /<!--[\s\S]*?(?:-->|$)/g)).replace(/<[^<>]*>/g, ' '),
        );
        break;
    }
  }

  /** Takes the headings out of raw HTML; what is left is prose. */
  #htmlHeadings(html: string): string {
    return html.replace(/<h([1-6])\b[^<>]*>([\s\S]{0,300}?)<\/h\1>/gi, (_, depth: string, inner: string) => {
      this.#addHeading(decodeEntities(withoutTags(inner, /<[^<>]*>/g)), depth === '1');
      return '\n\n';
    });
  }

  #addHeading(raw: string, isTitle: boolean): void {
    const text = raw.replace(/\s+/g, ' ').trim();
    this.anchors.push(this.#slugger.slug(text).toLowerCase());
    if (text === '') return;
    this.headings.push(text);
    if (isTitle) this.firstTitle ??= text;
  }

  #prose(text: string): void {
    const clean = decodeEntities(text).trim();
    if (clean !== '') this.blocks.push(clean);
  }

  #plain(tokens: readonly Token[]): string {
    let text = '';
    for (const token of tokens) {
      switch (token.type) {
        case 'link':
          this.#link((token as Tokens.Link).href);
          text += this.#plain(token.tokens ?? []);
          break;
        case 'image':
          this.#link((token as Tokens.Image).href);
          break;
        case 'html':
          this.#html(token.raw);
          break;
        case 'br':
          text += ' ';
          break;
        case 'checkbox':
          break;
        default:
          if ('tokens' in token && token.tokens) text += this.#plain(token.tokens);
          else if ('text' in token) text += String(token.text);
      }
    }
    return text;
  }

  #html(raw: string): void {
    for (const tag of raw.replace(/<!--[\s\S]*?(?:-->|$)/g, '').match(/<[a-z][^<>]*>/gi) ?? []) {
      for (const [, name, double, single, bare] of tag.matchAll(ATTRIBUTES)) {
        const value = double ?? single ?? bare;
        if (name === undefined || value === undefined || value === '') continue;
        if (/^(href|src)$/i.test(name)) this.#link(decodeEntities(value));
        else this.anchors.push(value.toLowerCase());
      }
    }
  }

  #link(href: string): void {
    const at = this.#raw.indexOf(href, this.#cursor);
    if (at >= 0) this.#cursor = at + 1;
    this.links.push({ href, line: this.#line + newlinesIn(this.#raw.slice(0, Math.max(at, 0))) });
  }
}

const ATTRIBUTES = /\s(href|src|id|name)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi;

function withoutFrontMatter(source: string): string {
  return source.replace(/^\uFEFF?---\r?\n[\s\S]*?\r?\n---\r?\n/, '');
}

function withoutTags(html: string, tags: RegExp): string {
  return html.replace(tags, ' ');
}

function newlinesIn(text: string): number {
  return text.split('\n').length - 1;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

function decodeEntities(text: string): string {
  return text.replace(/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
