import type { Outline } from './document.js';

// Strings are matched so that what looks like a comment inside one is not taken for one.
// What is never closed ends with its line or the file, so that the time stays linear.
const PIECES = new RegExp(
  [
    String.raw`(?<comment>/\*[\s\S]*?(?:\*/|$)|(?:[ \t]*//[^\n]*(?:\n|$))+)`,
    String.raw`'(?:\\.|[^'\\\n])*'?|"(?:\\.|[^"\\\n])*"?`,
    // Indented variables are local ones; indented types stand in namespaces.
    String.raw`(?<=^|\n)(?:[ \t]*(?:(?:export|declare|default|abstract|async)\s+)*` +
      String.raw`(?:function\*?|class|interface|type|enum|namespace|module|message|service|rpc)` +
      String.raw`|(?:(?:export|declare)\s+)*(?:const|let|var))\s+(?<name>[A-Za-z_$][\w$]*)`,
  ].join('|'),
  'g',
);

const TERMS = /\bcopyright\b|\blicensed under\b|SPDX-License/i;

/** Reads the comments and the declarations of a source file; code is no prose. */
export function extractSource(source: string, title: string): Outline {
  const headings: string[] = [];
  const blocks: string[] = [];
  for (const { groups } of source.matchAll(PIECES)) {
    if (groups?.comment !== undefined) {
      // The terms a file is under say nothing of what it is about.
      if (!TERMS.test(groups.comment)) blocks.push(...proseOf(groups.comment));
    } else if (groups?.name !== undefined) headings.push(groups.name);
  }
  return { title, headings: [...new Set(headings)], anchors: [], blocks, links: [] };
}

/** The paragraphs of a comment, without its marks, examples and tags. */
function proseOf(comment: string): string[] {
  const text = comment
    .replace(/^\s*\/\*+|\*+\/\s*$/g, '')
    .replace(/^[ \t]*(?:\*|\/\/+)[ \t]?/gm, '')
    .replace(/^[ \t]*(?:eslint|biome-ignore|@ts-|#|<reference|tslint).*$/gm, '')
    .replace(/```[\s\S]*?(?:```|$)/g, '\n\n')
    .replace(
      /@(?:example|see|since|default|defaultValue|internal)\b[\s\S]*?(?=^[ \t]*@|\n[ \t]*\n|$(?![\s\S]))/gm,
      '\n\n',
    )
    .replace(/\{@\w+\s+([^}|]+)[^}]*\}/g, '$1')
    .replace(
      /^[ \t]*@(?:param|arg|argument|property|typeParam|template)\s+(?:\{[^}]*\}\s*)?\S+[ \t]*-?/gm,
      '\n\n',
    )
    .replace(/^[ \t]*@\w+(?:[ \t]+\{[^}]*\})?/gm, '\n\n')
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1');
  return text
    .split(/\n[ \t]*\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => /\p{L}/u.test(paragraph));
}
