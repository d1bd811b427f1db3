/** Where the CEL of a template ends, and what stands in it. */
export type Scanned =
  | {
      readonly ok: true;
      /** Of its closing braces. */
      readonly end: number;
      /** Single bars outside of texts and brackets. */
      readonly bars: readonly number[];
    }
  | { readonly ok: false; readonly position: number; readonly message: string };

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
/** What makes a text raw, before its quote. */
const RAW = /(?:^|\W)(?:[rR]|[bB][rR]|[rR][bB])$/;

/**
 * Looks for the `}}` that ends CEL which begins at `from`: the first one outside of texts, brackets and comments, so that
 * both `{{ "}}" }}` and `{{ {"a": {"b": 1}}.a }}` end where they are meant to.
 */
export function scanExpression(text: string, from: number): Scanned {
  const open: { readonly closing: string; readonly position: number }[] = [];
  const bars: number[] = [];
  for (let at = from; at < text.length; at++) {
    const char = text[at] ?? '';
    const next = text[at + 1];
    if (char === '"' || char === "'") {
      const end = endOfText(text, from, at);
      if (end < 0) return { ok: false, position: at, message: 'a text in it does not end' };
      at = end;
    } else if (char === '/' && next === '/') {
      const end = text.indexOf('\n', at);
      if (end < 0) break;
      at = end;
    } else if (char in CLOSING) {
      open.push({ closing: CLOSING[char] ?? '', position: at });
    } else if (char === ')' || char === ']' || char === '}') {
      const last = open.pop();
      if (!last && char === '}' && next === '}') return { ok: true, end: at, bars };
      if (last?.closing !== char) return { ok: false, position: at, message: `unexpected ${char} in it` };
    } else if (char === '|' && next === '|') {
      at++;
    } else if (char === '|' && open.length === 0) {
      bars.push(at);
    }
  }
  const unclosed = open.at(-1);
  if (unclosed) return { ok: false, position: unclosed.position, message: `it lacks ${unclosed.closing}` };
  return { ok: false, position: from, message: 'it lacks }}' };
}

/**
 * Where a text of CEL ends that begins with the quote at `from`; the expression began at `begin`.
 *
 * @returns the place of its last quote; -1: it does not end
 */
export function endOfText(text: string, begin: number, from: number): number {
  const raw = RAW.test(text.slice(Math.max(begin, from - 3), from));
  const quote = text[from] ?? '';
  const long = quote.repeat(3);
  const marks = text.startsWith(long, from) ? long : quote;
  for (let at = from + marks.length; at < text.length; at++) {
    if (text[at] === '\\' && !raw) at++;
    else if (text.startsWith(marks, at)) return at + marks.length - 1;
    else if (text[at] === '\n' && marks === quote) return -1;
  }
  return -1;
}
