import type { ASTNode } from '@marcbachmann/cel-js';
import { guard } from './library-internals.js';
import type { Misplaced } from './problems.js';
import { walk } from './syntax-tree.js';

/** The longest text and the longest list that an expression may make, in UTF-16 units and in elements. */
export const MAX_TEXT = 1_000_000;
export const MAX_LIST = 100_000;

/** An expression has made a value that is too large. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/**
 * Bounds what a checked expression can make. Memory limits of a thread end it only if it grows in small
 * steps: a text doubled 27 times costs nothing until `upperAscii` asks V8 for all of it at once, and that
 * ends the process (measured: `FATAL ERROR: Reached heap limit`, Node 20).
 */
export function boundSizes(tree: ASTNode): void {
  walk(tree, (node) => {
    if (node.op === '+') guard(node, ([left, right]) => checkSum(left, right));
    if (node.op === 'rcall' && node.args[0] === 'join') guard(node, ([args]) => checkJoin(args));
    return 'descend';
  });
}

/** Bytes are outside of what bounds a thread's memory, and no input has any. */
export function bytesIn(tree: ASTNode): Misplaced | undefined {
  let found: Misplaced | undefined;
  walk(tree, (node) => {
    const bytes =
      (node.op === 'value' && node.args instanceof Uint8Array) ||
      (node.op === 'call' && node.args[0] === 'bytes');
    if (bytes) found ??= { position: node.start, message: 'there are no bytes in expressions' };
    return 'descend';
  });
  return found;
}

function checkSum(left: unknown, right: unknown): void {
  if (typeof left === 'string' && typeof right === 'string') checkText(left.length + right.length);
  else if (Array.isArray(left) && Array.isArray(right) && left.length + right.length > MAX_LIST) {
    throw new TooLarge(`a list must not have more than ${MAX_LIST} elements`);
  }
}

function checkJoin(args: unknown): void {
  const [list, separator] = args as readonly unknown[];
  if (!Array.isArray(list)) return;
  let length = 0;
  for (const each of list)
    length += String(each).length + (typeof separator === 'string' ? separator.length : 0);
  checkText(length);
}

function checkText(length: number): void {
  if (length > MAX_TEXT) throw new TooLarge(`a text must not have more than ${MAX_TEXT} characters`);
}
