import type { JsonValue } from '../../json.js';
import { storable } from '../../policies/storable.js';
import type { Payload } from '../../tasks/task.js';
import { MAX_OUTPUT_DEPTH } from './limits.js';

/** An output as JSON, and how long it came, in bytes; or what is wrong with it, behind `its output`. */
export type Decoded =
  | { readonly ok: true; readonly value: JsonValue; readonly bytes: number }
  | { readonly ok: false; readonly problem: string };

const UTF_8 = new TextDecoder('utf-8', { fatal: true });
/** Escapes of what a record does not keep; a pair of surrogates too, which does no harm. */
const ESCAPED = /\\u(?:0000|d[89a-f])/i;

/**
 * Reads an output. JSON (`application/json`, or a type that ends with `+json`) is decoded, and without bytes it is
 * null, as where there is no output. Anything else becomes `{media_type, base64}`.
 */
export function decodeOutput(output: Payload | null): Decoded {
  if (!output) return { ok: true, value: null, bytes: 4 };
  const { mediaType, data } = output;
  if (!isJson(mediaType)) {
    const base64 = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
    return {
      ok: true,
      value: { media_type: mediaType, base64 },
      bytes: base64.length + mediaType.length + 32,
    };
  }
  if (data.length === 0) return { ok: true, value: null, bytes: 4 };
  try {
    const text = UTF_8.decode(data);
    const value: JsonValue = JSON.parse(text);
    const flaw = flawIn(value, MAX_OUTPUT_DEPTH);
    if (flaw) return { ok: false, problem: flaw };
    return { ok: true, value: ESCAPED.test(text) ? storable(value) : value, bytes: data.length };
  } catch {
    return { ok: false, problem: `is no JSON, though it says ${mediaType}` };
  }
}

function isJson(mediaType: string): boolean {
  const [type = ''] = mediaType.toLowerCase().split(';');
  return type.trim() === 'application/json' || type.trim().endsWith('+json');
}

/** What JSON can say and a context cannot keep. */
function flawIn(value: JsonValue, depth: number): string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'has a number that is too large';
  if (typeof value !== 'object' || value === null) return null;
  if (depth === 0) return `is nested deeper than ${MAX_OUTPUT_DEPTH}`;
  if (Object.hasOwn(value, '__proto__')) return 'has the key __proto__';
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    const flaw = flawIn(inner, depth - 1);
    if (flaw) return flaw;
  }
  return null;
}
