import type { Failure } from '../failure.js';
import type { Style } from '../style.js';
import type { Output } from '../world.js';
import { colorsFor } from './colors.js';
import { jsonLine } from './json.js';
import { safeLines } from './safe-text.js';

/** Cause and remedy, in words or as `{code, message, retryable, hint}`. */
export function tellFailure(stderr: Output, failure: Failure, style: Style): void {
  const { code, message, retryable, hint } = failure;
  if (style.jsonErrors) {
    stderr.write(`${jsonLine({ code, message, retryable, hint })}\n`);
    return;
  }
  const colors = colorsFor(style.color && stderr.isTTY === true);
  stderr.write(`${colors.red('error:')} ${safeLines(message)}\n`);
  if (hint) stderr.write(`${colors.dim(safeLines(hint))}\n`);
}
