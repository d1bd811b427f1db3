import type { JsonObject, JsonValue } from '../json.js';
import { isTemplate, parseTemplate, type Template, type TemplateExpression, textOf } from './templates.js';

/** The longest text that a template may become, in bytes, and all of a value together. */
export const MAX_RENDERED_TEXT = 1024 * 1024;
export const MAX_RENDERED = 4 * 1024 * 1024;
/** Expressions of all templates of one task: each is kept for each of many items. */
export const MAX_VALUE_EXPRESSIONS = 1_000;

/** An expression of a template, and where in the value the template stands. */
export interface TemplatePlace {
  /** Such as `input.pages[0]`; empty: it is all of the value. */
  readonly field: string;
  readonly expression: TemplateExpression;
}

/** A template that cannot be read. */
export interface BadTemplate {
  readonly field: string;
  readonly message: string;
}

/** A JSON value of which every text may be a template; keys are none. */
export interface TemplatedValue {
  readonly places: readonly TemplatePlace[];
  readonly bad: readonly BadTemplate[];
  /** @param values what each of `places` came to @throws {TextTooLong} */
  fill(values: readonly JsonValue[]): JsonValue;
}

export class TextTooLong extends Error {
  override readonly name = 'TextTooLong';
}

/** What a part of the value is filled with; `null`: itself. */
type Filler = ((values: readonly JsonValue[], spent: Spent) => JsonValue) | null;

interface Spent {
  bytes: number;
}

/** Reads all templates of a value. */
export function readTemplates(value: JsonValue): TemplatedValue {
  const places: TemplatePlace[] = [];
  const bad: BadTemplate[] = [];

  function ofText(text: string, field: string): Filler {
    if (!isTemplate(text)) return null;
    const parsed = parseTemplate(text);
    if (parsed.ok) return ofTemplate(parsed.template, field);
    bad.push({ field, message: parsed.message });
    return null;
  }

  function ofTemplate({ parts, lone }: Template, field: string): Filler {
    const pieces = parts.map((part) =>
      typeof part === 'string' ? part : places.push({ field, expression: part }) - 1,
    );
    if (lone) {
      const [place = 0] = pieces as readonly number[];
      return (values) => values[place] ?? null;
    }
    return (values, spent) => {
      let text = '';
      for (const piece of pieces) text += typeof piece === 'string' ? piece : textOf(values[piece] ?? null);
      return measured(text, field, spent);
    };
  }

  function ofList(list: readonly JsonValue[], field: string): Filler {
    const fillers = list.map((each, at) => fillerOf(each, `${field}[${at}]`));
    if (fillers.every((filler) => filler === null)) return null;
    return (values, spent) =>
      list.map((each, at) => {
        const filler = fillers[at];
        return filler ? filler(values, spent) : each;
      });
  }

  function ofObject(object: JsonObject, field: string): Filler {
    const fillers = Object.entries(object).map(
      ([key, each]) => [key, each, fillerOf(each, field === '' ? key : `${field}.${key}`)] as const,
    );
    if (fillers.every(([, , filler]) => filler === null)) return null;
    return (values, spent) => {
      const filled: Record<string, JsonValue> = {};
      for (const [key, each, filler] of fillers) filled[key] = filler ? filler(values, spent) : each;
      return filled;
    };
  }

  function fillerOf(each: JsonValue, field: string): Filler {
    if (typeof each === 'string') return ofText(each, field);
    if (typeof each !== 'object' || each === null) return null;
    return Array.isArray(each) ? ofList(each, field) : ofObject(each as JsonObject, field);
  }

  const filler = fillerOf(value, '');
  if (places.length > MAX_VALUE_EXPRESSIONS) {
    bad.push({ field: '', message: `there must not be more than ${MAX_VALUE_EXPRESSIONS} expressions` });
  }
  return { places, bad, fill: (values) => (filler ? filler(values, { bytes: 0 }) : value) };
}

function measured(text: string, field: string, spent: Spent): string {
  const bytes = Buffer.byteLength(text);
  spent.bytes += bytes;
  if (bytes > MAX_RENDERED_TEXT) {
    throw new TextTooLong(
      `${field}: a text must not have more than ${MAX_RENDERED_TEXT} bytes, not ${bytes}`,
    );
  }
  if (spent.bytes > MAX_RENDERED) {
    throw new TextTooLong(`${field}: all texts together must not have more than ${MAX_RENDERED} bytes`);
  }
  return text;
}
