/** How a file is read; chosen by its name. */
export type DocumentFormat = 'markdown' | 'text' | 'source';

/** A link as it stands in a document. */
export interface Link {
  readonly href: string;
  /** From 1. */
  readonly line: number;
}

/** What a parser finds in a document. */
export interface Outline {
  readonly title: string;
  /** Headings of a text, or the declarations of a source file. */
  readonly headings: readonly string[];
  /** What `#fragment` may name, in lower case. */
  readonly anchors: readonly string[];
  /** Its prose, a paragraph each; headings and code are not in it. */
  readonly blocks: readonly string[];
  readonly links: readonly Link[];
}

/** What the reader finds in a document, and leaves for others as a file in the run's folder. */
export interface DocumentText {
  readonly path: string;
  readonly title: string;
  readonly words: number;
  /** Those that can be checked, at most 1,000. */
  readonly links: readonly Link[];
  readonly headings: readonly string[];
  readonly sentences: readonly string[];
}

/** A link that leads nowhere. */
export interface BrokenLink extends Link {
  readonly reason: 'NO_SUCH_FILE' | 'NO_SUCH_ANCHOR';
}

/** What came of checking a document's links. */
export interface LinkCheck {
  readonly path: string;
  readonly linksChecked: number;
  readonly brokenLinks: number;
  /** At most 50 of them. */
  readonly broken: readonly BrokenLink[];
}

/** Why a document could not be read. */
export interface Failure {
  readonly path: string;
  readonly kind: string;
  readonly message: string;
}

/** Everything the run has learnt of one file: the report is made of these. */
export interface DocumentDigest {
  /** Relative to the digested folder, with `/`. */
  readonly path: string;
  readonly title: string;
  /** Why there is nothing else, for a file that could not be read. */
  readonly failure?: { readonly kind: string; readonly message: string };
  readonly words: number;
  readonly sentences: number;
  readonly summary: readonly string[];
  readonly keywords: readonly string[];
  readonly linksChecked: number;
  readonly brokenLinks: number;
  /** At most 50 of them. */
  readonly broken: readonly BrokenLink[];
}

export function formatOf(path: string): DocumentFormat {
  if (/\.(md|markdown)$/i.test(path)) return 'markdown';
  return /\.txt$/i.test(path) ? 'text' : 'source';
}

/** `text`, cut to `length` characters with an ellipsis. */
export function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;
}

/** A document of which nothing is known yet. */
export function nothingOf(path: string): DocumentDigest {
  return {
    path,
    title: path.slice(path.lastIndexOf('/') + 1),
    words: 0,
    sentences: 0,
    summary: [],
    keywords: [],
    linksChecked: 0,
    brokenLinks: 0,
    broken: [],
  };
}
