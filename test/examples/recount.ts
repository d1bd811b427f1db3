import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** What the fixture folder holds, counted here by other means than those of the example. */
export interface Recount {
  readonly files: number;
  readonly words: number;
  /** `document -> link`, in order. */
  readonly brokenLinks: readonly string[];
  readonly linksChecked: number;
}

export function recount(folder: string, files: readonly string[] = documentsOf(folder)): Recount {
  let words = 0;
  let linksChecked = 0;
  const brokenLinks: string[] = [];
  for (const file of files) {
    const source = readFileSync(path.join(folder, file), 'utf8');
    words += wordsIn(file.endsWith('.d.ts') ? comments(source) : prose(file, source));
    if (!/\.(md|markdown)$/.test(file)) continue;
    for (const link of linksIn(source)) {
      linksChecked++;
      if (!leadsSomewhere(folder, file, link)) brokenLinks.push(`${file} -> ${link}`);
    }
  }
  return { files: files.length, words, linksChecked, brokenLinks };
}

export function documentsOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => String(name).split(path.sep).join('/'))
    .filter((name) => /\.(md|markdown|txt|d\.ts)$/.test(name) && statSync(path.join(folder, name)).isFile())
    .sort();
}

function wordsIn(text: string): number {
  return text.match(/[\p{L}\p{N}_]+(?:['’][\p{L}\p{N}_]+)*/gu)?.length ?? 0;
}

const withoutFences = (source: string) => source.replace(/```[\s\S]*?```/g, '');

function prose(file: string, source: string): string {
  if (file.endsWith('.txt')) return source;
  return withoutFences(source)
    .replace(/^---\n[\s\S]*?\n---\n/, '')
    .replace(/^\[[^\]]+\]: .*$/gm, '')
    .replace(/^\d+\. /gm, '')
    .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replace(/\[([^\]]*)\](?:\([^)]*(?:\(\d\))?\)|\[[^\]]*\])/g, '$1')
    .replace(/&amp;/g, '&')
    .replace(/<[^>]*>/g, ' ');
}

function comments(source: string): string {
  return [...source.matchAll(/^[ \t]*\/\*\*([\s\S]*?)\*\/|^\/\/(.*)$/gm)]
    .map(([, block, line]) => (block ?? line ?? '').replace(/@param \w+|@returns/g, ''))
    .concat(
      [...source.matchAll(/export (?:declare )?(?:function|class|interface|type) (\w+)/g)].map(
        ([, name]) => name ?? '',
      ),
    )
    .join('\n');
}

function linksIn(source: string): string[] {
  const text = withoutFences(source);
  const found = [
    ...text.matchAll(/\]\(([^)]*)\)/g),
    ...text.matchAll(/^\[[^\]]+\]: (\S+)$/gm),
    ...text.matchAll(/(?:href|src)="?([^"\s>]+)/g),
  ].map(([, link]) => link ?? '');
  return found.filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(folder: string, file: string, link: string): boolean {
  const [to = '', anchor] = link.split('#');
  const target = to === '' ? path.join(folder, file) : path.resolve(folder, path.dirname(file), to);
  if (!existsSync(target)) return false;
  if (anchor === undefined) return true;
  const source = readFileSync(target, 'utf8');
  const headings = [...source.matchAll(/^#+ (.*)$|^(.+)\n[=-]{3,}$/gm)].map(
    ([, hash, line]) => hash ?? line ?? '',
  );
  const slugs = headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replace(/ /g, '-'),
  );
  return slugs.includes(anchor) || source.includes(`name="${anchor}"`);
}
