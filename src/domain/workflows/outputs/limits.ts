import type { JsonValue } from '../../json.js';
import { sizeProblem } from '../../json-size.js';
import { grouped } from '../expansion/counting.js';
import { OutputFailed } from './output-failed.js';

/** The largest result of a node, in bytes of JSON, and how deep it may be nested: what a context takes. */
export const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
export const MAX_OUTPUT_DEPTH = 64;
/** So many bytes may come before what there is is measured again. */
const STEP = 1024 * 1024;

/** @throws {OutputFailed} if a result is too large, or nested too deep, to be kept */
export function requireKept(value: JsonValue): void {
  const problem = sizeProblem(value, { maxBytes: MAX_OUTPUT_BYTES, maxDepth: MAX_OUTPUT_DEPTH });
  if (problem) throw new OutputFailed(`the result ${problem}`);
}

export function bytesOf(value: JsonValue): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Ends what grows too large before it has taken much more memory than it may. */
export class Budget {
  #most = 0;
  #added = 0;

  /**
   * @param bytes at most what came
   * @param whole all there is, to be measured
   * @throws {OutputFailed} if that is too large
   */
  add(bytes: number, whole: () => JsonValue): void {
    this.#most += bytes;
    this.#added += bytes;
    if (this.#most <= MAX_OUTPUT_BYTES || this.#added < STEP) return;
    this.#most = bytesOf(whole());
    this.#added = 0;
    if (this.#most <= MAX_OUTPUT_BYTES) return;
    throw tooLarge(this.#most);
  }
}

export function tooLarge(bytes: number): OutputFailed {
  return new OutputFailed(
    `what was put together has ${grouped(bytes)} bytes as JSON before the last item, at most ${grouped(MAX_OUTPUT_BYTES)}`,
  );
}
