import type { JsonValue } from '../../json.js';
import { whatIs } from './paths.js';

type Sign = '>' | '>=' | '<' | '<=' | '=' | '!=';
type Scalar = string | number | boolean | null;

/** What elements are compared with: numbers, texts, times, true, false, null. */
export type Comparison =
  | { readonly kind: 'SIGN'; readonly sign: Sign; readonly than: Scalar }
  | { readonly kind: 'IN'; readonly list: readonly Scalar[] }
  | { readonly kind: 'BETWEEN'; readonly least: Scalar; readonly most: Scalar };

/** `NONE`: it is CEL. */
export type ParsedComparison =
  | { readonly kind: 'COMPARISON'; readonly comparison: Comparison }
  | { readonly kind: 'NONE' }
  | { readonly kind: 'WRONG'; readonly problem: string };

/**
 * Reads `>2021`, `>=`, `<`, `<=`, `=`, `!=`, `in [1, 2]`, `between 1..5` (both ends are in). An operand is a number,
 * true, false, null, a text in quotes, or else a text as it is.
 */
export function parseComparison(text: string): ParsedComparison {
  const rule = text.trim();
  const sign = /^(>=|<=|!=|==|=|>|<)(.*)$/s.exec(rule);
  if (sign) {
    const [, by = '', operand = ''] = sign;
    if (operand.trim() === '') return wrong(`\`${by}\` lacks what to compare with`);
    return found({ kind: 'SIGN', sign: (by === '==' ? '=' : by) as Sign, than: scalarOf(operand) });
  }
  const list = /^in\s*\[(.*)\]$/s.exec(rule);
  if (list) return found({ kind: 'IN', list: partsOf(list[1] ?? '').map(scalarOf) });
  if (/^in\b/.test(rule)) return wrong('`in` takes a list, such as `in [1, 2]`');
  const range = /^between\s(.+?)\.\.(.+)$/s.exec(rule);
  if (range) {
    const [, least = '', most = ''] = range;
    return found({ kind: 'BETWEEN', least: scalarOf(least), most: scalarOf(most) });
  }
  if (/^between\b/.test(rule)) return wrong('`between` takes a range, such as `between 1..5`');
  return { kind: 'NONE' };
}

function found(comparison: Comparison): ParsedComparison {
  return { kind: 'COMPARISON', comparison };
}

function wrong(problem: string): ParsedComparison {
  return { kind: 'WRONG', problem };
}

/** What is between commas that are not in quotes. */
function partsOf(list: string): readonly string[] {
  if (list.trim() === '') return [];
  return list.match(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^,])+/gs) ?? [];
}

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const WORDS: Readonly<Record<string, Scalar>> = { true: true, false: false, null: null };

function scalarOf(text: string): Scalar {
  const word = text.trim();
  if (Object.hasOwn(WORDS, word)) return WORDS[word] ?? null;
  if (NUMBER.test(word)) return Number(word);
  if (/^'.*'$/s.test(word)) return word.slice(1, -1);
  if (/^".*"$/s.test(word)) return unquoted(word);
  return word;
}

function unquoted(word: string): string {
  try {
    return String(JSON.parse(word));
  } catch {
    return word.slice(1, -1);
  }
}

/** Why an element cannot be compared at all. */
export function incomparable(element: JsonValue): string | null {
  return typeof element === 'object' && element !== null
    ? `is ${whatIs(element)}, and a comparison takes numbers and texts; write CEL over \`element\``
    : null;
}

/**
 * Whether an element stays. Numbers are compared as such, also when the element is a text that says one; texts that
 * are ISO 8601 times as times, UTC where they don't say; other texts letter by letter. What is of another kind is
 * neither equal, less nor more.
 */
export function holds(comparison: Comparison, element: JsonValue): boolean {
  switch (comparison.kind) {
    case 'SIGN':
      return bySign(comparison.sign, order(element, comparison.than));
    case 'IN':
      return comparison.list.some((each) => order(element, each) === 0);
    case 'BETWEEN':
      return bySign('>=', order(element, comparison.least)) && bySign('<=', order(element, comparison.most));
  }
}

function bySign(sign: Sign, compared: number | undefined): boolean {
  if (compared === undefined) return sign === '!=';
  switch (sign) {
    case '>':
      return compared > 0;
    case '>=':
      return compared >= 0;
    case '<':
      return compared < 0;
    case '<=':
      return compared <= 0;
    case '=':
      return compared === 0;
    case '!=':
      return compared !== 0;
  }
}

/** Negative, 0 or positive; `undefined`: they are of different kinds. */
function order(element: JsonValue, than: Scalar): number | undefined {
  if (typeof than === 'number') {
    const number = typeof element === 'string' && NUMBER.test(element) ? Number(element) : element;
    return typeof number === 'number' ? number - than : undefined;
  }
  if (typeof than === 'string' && typeof element === 'string') {
    const [a, b] = [timeOf(element), timeOf(than)];
    if (a !== undefined && b !== undefined) return a - b;
    return element < than ? -1 : element > than ? 1 : 0;
  }
  return element === than ? 0 : undefined;
}

const TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

function timeOf(text: string): number | undefined {
  const match = TIME.exec(text);
  if (!match) return undefined;
  const time = Date.parse(text.includes('T') && !match[1] ? `${text}Z` : text);
  return Number.isNaN(time) ? undefined : time;
}
