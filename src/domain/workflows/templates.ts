import type { JsonValue } from '../json.js';
import { scanExpression } from './template-scan.js';

/** The longest expression in a template, in characters, and how many of them one text may have. */
export const MAX_TEMPLATE_EXPRESSION = 4_000;
export const MAX_TEMPLATE_EXPRESSIONS = 200;
const SHOWN = 80;

/** `{{ expression | fallback }}`, both CEL. */
export interface TemplateExpression {
  readonly expression: string;
  /** What counts where the expression names what is not there, or is null; `null`: that is an error. */
  readonly fallback: string | null;
  /** As it is written, braces and all, shortened. */
  readonly shown: string;
}

/** A text with expressions in it; what has none stands for itself. */
export interface Template {
  readonly parts: readonly (string | TemplateExpression)[];
  /** It is one expression and nothing else, and becomes what that is, of whichever type. */
  readonly lone: TemplateExpression | null;
}

export type ParsedTemplate =
  | { readonly ok: true; readonly template: Template }
  | { readonly ok: false; readonly message: string };

/** Whether a text is more than itself. */
export function isTemplate(text: string): boolean {
  return text.includes('{{');
}

/** Reads a template. What expressions come to is never read again. */
export function parseTemplate(text: string): ParsedTemplate {
  const parts: (string | TemplateExpression)[] = [];
  let count = 0;
  let at = 0;
  while (at < text.length) {
    const begin = text.indexOf('{{', at);
    if (begin < 0) break;
    if (begin > at) parts.push(text.slice(at, begin));
    if (++count > MAX_TEMPLATE_EXPRESSIONS) {
      return { ok: false, message: `a text must not have more than ${MAX_TEMPLATE_EXPRESSIONS} expressions` };
    }
    const scanned = scanExpression(text, begin + 2);
    if (!scanned.ok) {
      return { ok: false, message: `${shortened(text.slice(begin))}: ${scanned.message}` };
    }
    const read = readExpression(text, begin, scanned.end, scanned.bars);
    if (typeof read === 'string') {
      return { ok: false, message: `${shortened(text.slice(begin, scanned.end + 2))}: ${read}` };
    }
    parts.push(read);
    at = scanned.end + 2;
  }
  if (at < text.length) parts.push(text.slice(at));
  const [first] = parts;
  const lone = parts.length === 1 && typeof first === 'object' ? first : null;
  return { ok: true, template: { parts, lone } };
}

/** @returns what is wrong, in words, if something is */
function readExpression(
  text: string,
  begin: number,
  end: number,
  bars: readonly number[],
): TemplateExpression | string {
  const [bar, another] = bars;
  if (another !== undefined) return 'it has more than one default';
  const expression = text.slice(begin + 2, bar ?? end).trim();
  const fallback = bar === undefined ? null : text.slice(bar + 1, end).trim();
  if (expression === '') return 'it has no expression';
  if (fallback === '') return 'its default is empty';
  if (Math.max(expression.length, fallback?.length ?? 0) > MAX_TEMPLATE_EXPRESSION) {
    return `an expression must not have more than ${MAX_TEMPLATE_EXPRESSION} characters`;
  }
  return { expression, fallback, shown: shortened(text.slice(begin, end + 2)) };
}

/** A value within a text: structured data as JSON. */
export function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
}
