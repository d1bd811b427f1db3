import type { JsonValue } from '../json.js';
import { shown, typeName } from './answer-fields.js';
import { WrongAnswer } from './wrong-answer.js';

/** A span of time as JSON has it in Protocol Buffers: `5400s`, `0.5s`. Whole ms. */
export function jsonDuration(ms: number): string {
  return `${Math.trunc(ms) / 1_000}s`;
}

/** @returns ms @throws {WrongAnswer} if it is no duration from `least` to `most` */
export function durationMs(
  value: JsonValue,
  name: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  if (typeof value !== 'string') throw new WrongAnswer(`${name} must be a duration, not ${typeName(value)}`);
  const seconds = /^(-?\d{1,12}(?:\.\d{1,9})?)s$/.exec(value)?.[1];
  if (seconds === undefined) throw new WrongAnswer(`${name} must be a duration, not ${shown(value)}`);
  const ms = Math.round(Number(seconds) * 1_000);
  if (ms >= least && ms <= most) return ms;
  throw new WrongAnswer(`${name} must be from ${words(least)} to ${words(most)}, not ${shown(value)}`);
}

function words(ms: number): string {
  if (ms > 0 && ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}
