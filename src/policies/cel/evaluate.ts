import type { JsonValue } from '../../domain/json.js';
import {
  readApproval,
  readAuctionInput,
  readHeadStart,
  readPlan,
  readPriority,
  readValidation,
} from '../../domain/policies/read-answers.js';
import { WrongAnswer } from '../../domain/policies/wrong-answer.js';
import type { ExpressionUse } from '../../ports/policy-engine.js';
import { TooLarge } from './bounds.js';
import type { CelInput, Program } from './compile.js';
import type { Evaluated } from './messages.js';
import { failureText } from './problems.js';
import { jsonOf } from './values.js';

/** The largest answer, as JSON. */
export const MAX_ANSWER_LENGTH = 64 * 1024;

const READERS: Readonly<Record<ExpressionUse, (output: JsonValue) => unknown>> = {
  APPROVAL: readApproval,
  PRIORITY: readPriority,
  AUCTION_INPUT: readAuctionInput,
  PLAN_RETRIEVE: readPlan,
  HEAD_START: readHeadStart,
  VALIDATE: readValidation,
};

/** Evaluates a program and checks its answer; never throws. The time is filled in by the caller. */
export function evaluate({ use, expression, run }: Program, input: () => CelInput): Evaluated {
  try {
    const output = jsonOf(run(input()));
    READERS[use](output);
    return answered(output, MAX_ANSWER_LENGTH);
  } catch (error) {
    return failedWith(expression, error);
  }
}

export function answered(output: JsonValue, maxLength: number): Evaluated {
  if (lengthOf(output) <= maxLength) return ['ok', output, 0];
  return ['failed', 'TOO_LARGE', `the answer is larger than ${maxLength} bytes`, 0];
}

export function failedWith(expression: string, error: unknown): Evaluated {
  if (error instanceof WrongAnswer) return ['failed', 'WRONG_RESULT', `the answer ${error.message}`, 0];
  if (error instanceof TooLarge) return ['failed', 'TOO_LARGE', error.message, 0];
  return ['failed', 'ERROR', failureText(expression, error), 0];
}

function lengthOf(output: JsonValue): number {
  if (typeof output === 'string') return output.length;
  return typeof output === 'object' && output !== null ? JSON.stringify(output).length : 0;
}
