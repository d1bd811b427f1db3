import type { BrokenLink, DocumentDigest } from './document.js';

/** What the run knows besides the documents. */
export interface ReportFrame {
  readonly root: string;
  /** ISO 8601. */
  readonly createTime: string;
  readonly leftOut: readonly { readonly reason: string; readonly count: number }[];
  readonly question: string;
  readonly answer: string;
}

export interface Report extends ReportFrame {
  readonly counts: {
    readonly files: number;
    readonly digested: number;
    readonly failed: number;
    readonly words: number;
    readonly sentences: number;
    readonly linksChecked: number;
    readonly brokenLinks: number;
  };
  /** In how many documents a word is among the keywords, most first. */
  readonly keywords: readonly { readonly term: string; readonly documents: number }[];
  readonly broken: readonly (BrokenLink & { readonly path: string })[];
  readonly failed: readonly { readonly path: string; readonly kind: string; readonly message: string }[];
  readonly groups: readonly ReportGroup[];
}

/** Documents that belong together: a folder of the project, or a package. */
export interface ReportGroup {
  readonly name: string;
  readonly words: number;
  readonly documents: readonly DocumentDigest[];
}

export function buildReport(frame: ReportFrame, documents: readonly DocumentDigest[]): Report {
  const digested = documents.filter((document) => !document.failure);
  const sum = (of: (document: DocumentDigest) => number) => digested.reduce((all, one) => all + of(one), 0);
  return {
    ...frame,
    counts: {
      files: documents.length,
      digested: digested.length,
      failed: documents.length - digested.length,
      words: sum((document) => document.words),
      sentences: sum((document) => document.sentences),
      linksChecked: sum((document) => document.linksChecked),
      brokenLinks: sum((document) => document.brokenLinks),
    },
    keywords: topKeywords(digested, 24),
    broken: digested.flatMap(({ path, broken }) => broken.map((link) => ({ path, ...link }))),
    failed: documents.flatMap(({ path, failure }) => (failure ? [{ path, ...failure }] : [])),
    groups: groupsOf(digested),
  };
}

/** The words that most documents have among their keywords. */
export function topKeywords(
  documents: readonly DocumentDigest[],
  count: number,
): { term: string; documents: number }[] {
  const having = new Map<string, number>();
  for (const { keywords } of documents) {
    for (const term of keywords) having.set(term, (having.get(term) ?? 0) + 1);
  }
  return [...having]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, count)
    .map(([term, n]) => ({ term, documents: n }));
}

function groupsOf(documents: readonly DocumentDigest[]): ReportGroup[] {
  const groups = new Map<string, DocumentDigest[]>();
  for (const document of documents) {
    const name = groupOf(document.path);
    const group = groups.get(name);
    if (group) group.push(document);
    else groups.set(name, [document]);
  }
  return [...groups]
    .map(([name, members]) => ({
      name,
      words: members.reduce((sum, { words }) => sum + words, 0),
      documents: members,
    }))
    .sort((a, b) => Number(isPackage(a.name)) - Number(isPackage(b.name)) || (a.name < b.name ? -1 : 1));
}

/** The group of what lies in no folder. */
const TOP = 'top folder';

function isPackage(group: string): boolean {
  return group.startsWith('node_modules/');
}

/** `node_modules/@scope/name` for what is in a package, else the first folder. */
function groupOf(path: string): string {
  const inPackage = /^node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path);
  return inPackage?.[0] ?? (path.includes('/') ? path.slice(0, path.indexOf('/')) : TOP);
}
