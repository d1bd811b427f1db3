import { nearest } from '../../domain/nearest.js';
import type { ExpressionPlace } from '../../domain/workflows/expression-places.js';

/** Whether something else counts if it is not there. */
export function isGuarded({ expression, hasDefault }: ExpressionPlace, root: string, name: string): boolean {
  if (hasDefault) return true;
  const text = expression.replaceAll(/\s+/g, '');
  return [`has(${root}.${name}`, `has(${root}["${name}"`, `"${name}"in${root}`, `'${name}'in${root}`].some(
    (guard) => text.includes(guard),
  );
}

/** Which of these was most likely meant, in words. */
export function meant(name: string, among: Iterable<string>): string {
  const near = nearest(name, among);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

/** With the template that it is about. */
export function worded({ shown }: Pick<ExpressionPlace, 'shown'>, words: string): string {
  return shown === '' ? words : `${shown}: ${words}`;
}
