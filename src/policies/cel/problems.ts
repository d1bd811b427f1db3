import { TypeError as CelTypeError, EvaluationError, ParseError } from '@marcbachmann/cel-js';
import { nearest } from '../../domain/nearest.js';
import { UNKNOWN_VARIABLE } from '../../ports/expression-engine.js';
import type { PolicyProblem } from '../../ports/policy-engine.js';
import { CANDIDATE_FIELD_NAMES, TASK_FIELD_NAMES } from './cel-types.js';

/** Something wrong at a place of an expression, counted in UTF-16 units from its beginning. */
export interface Misplaced {
  readonly position: number;
  readonly message: string;
}

/** Line and column of a position, both from 1. */
export function problemAt(expression: string, { position, message }: Misplaced): PolicyProblem {
  const before = expression.slice(0, position);
  const line = before.split('\n').length;
  return { line, column: position - before.lastIndexOf('\n'), message };
}

/** What is wrong with an expression over these variables that the library does not take. */
export function problemOf(variables: readonly string[], expression: string, error: unknown): PolicyProblem {
  const message = wordsOf(variables, error);
  const position = isCelError(error) ? error.range?.start : undefined;
  return position === undefined
    ? { line: 0, column: 0, message }
    : problemAt(expression, { position, message });
}

/** Why an evaluation failed. */
export function causeOf(error: unknown): string {
  if (isOverflow(error)) return 'it is nested too deeply';
  if (isCelError(error)) return error.summary;
  return error instanceof Error ? error.message : String(error);
}

/** Why an evaluation failed, with its place. */
export function failureText(expression: string, error: unknown): string {
  const position = isCelError(error) ? error.range?.start : undefined;
  if (position === undefined || !isCelError(error)) return causeOf(error);
  const { line, column } = problemAt(expression, { position, message: '' });
  return `line ${line}, column ${column}: ${error.summary}`;
}

/** The stack was not large enough; a RangeError is also what an unknown time zone makes. */
function isOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

function isCelError(error: unknown): error is ParseError | EvaluationError | CelTypeError {
  return error instanceof ParseError || error instanceof EvaluationError || error instanceof CelTypeError;
}

function wordsOf(variables: readonly string[], error: unknown): string {
  if (isOverflow(error)) return 'the expression is nested too deeply';
  if (!isCelError(error)) return error instanceof Error ? error.message : String(error);
  const name = /: (\w+)$/.exec(error.summary)?.[1] ?? '';
  if (error.code === 'unknown_variable') return unknownVariable(name, variables);
  if (error.code === 'no_such_key') return noSuchField(name);
  return error.summary;
}

export function unknownVariable(name: string, variables: readonly string[]): string {
  return `${UNKNOWN_VARIABLE}${name}; ${meant(name, variables)}there are ${variables.join(', ')}`;
}

const MISSING = ['no_such_key', 'index_out_of_bounds', 'unknown_variable'];

/** Whether an evaluation failed because something that it names is not there. */
export function isMissing(error: unknown): boolean {
  return isCelError(error) && MISSING.includes(error.code);
}

export function noSuchField(name: string): string {
  return `no such field: ${name}; ${meant(name, [...TASK_FIELD_NAMES, ...CANDIDATE_FIELD_NAMES])}see docs/policies.md`;
}

function meant(name: string, names: readonly string[]): string {
  const near = nearest(name, names);
  return near === undefined ? '' : `did you mean ${near}? `;
}
