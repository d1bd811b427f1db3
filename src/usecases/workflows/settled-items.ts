import { isTerminal } from '../../domain/tasks/task-state.js';
import type { Item } from '../../domain/workflows/expansion/items.js';
import { decodeOutput } from '../../domain/workflows/outputs/decode.js';
import type { FailureCode, ItemFailure, SettledItem } from '../../domain/workflows/outputs/settled-item.js';
import { codeOf as codeOfReason, wordsAfterCode } from '../../domain/workflows/reasons.js';
import type { ItemOutcome } from '../../ports/workflow-record.js';
import { type Asking, evaluateAll, objectionOf } from './evaluate-all.js';

/** Items of a page that have ended, with outputs read and checked. */
export async function settledItems(
  asking: Asking,
  validate: string,
  page: readonly ItemOutcome[],
  items: ((from: number, to: number) => readonly Item[]) | undefined,
): Promise<readonly SettledItem[]> {
  const settled = page
    .filter(({ state }) => isTerminal(state))
    .map((outcome) => settledItem(outcome, items?.(outcome.item - 1, outcome.item)[0]));
  if (validate === '') return settled;
  const good = [...settled.keys()].filter((at) => settled[at]?.failure === null);
  const resultOf = (n: number) => ({ result: settled[good[n] ?? 0]?.output ?? null });
  await evaluateAll(asking, [validate], good.length, resultOf, ([outcome], n) => {
    const at = good[n] ?? 0;
    const item = settled[at];
    const objection = objectionOf(outcome, 'validate is false');
    if (item && objection) settled[at] = invalid(item, objection);
    return true;
  });
  return settled;
}

/** What one has come to whose task has ended. @param made it, as it was made; `undefined`: not known */
export function settledItem(outcome: ItemOutcome, made: Item | undefined): SettledItem {
  const { item, taskId, state, createTime, finishTime, result } = outcome;
  const common = {
    sequenceNum: item,
    identifier: made?.identifier ?? String(item),
    itemData: made?.elements ?? null,
    taskId,
    state,
    startTime: createTime,
    finishTime,
  };
  if (state !== 'SUCCEEDED') return { ...common, failure: failureOf(outcome), output: null, bytes: 0 };
  const decoded = decodeOutput(result?.output ?? null);
  if (decoded.ok) return { ...common, failure: null, output: decoded.value, bytes: decoded.bytes };
  return invalid({ ...common, failure: null, output: null, bytes: 0 }, `its output ${decoded.problem}`);
}

function invalid(item: SettledItem, message: string): SettledItem {
  const failure: ItemFailure = { code: 'RESULT_INVALID', kind: 'RESULT_INVALID', message };
  return { ...item, state: 'FAILED', failure, output: null, bytes: 0 };
}

/** How the record ends tasks by itself, as their reason says. */
const ENDED_BY_RECORD: Readonly<Record<string, string>> = {
  ATTEMPT_TIMED_OUT: 'its last attempt took longer than its attempt_timeout',
  LEASE_EXPIRED: 'the agent of its last attempt was not heard of any more',
  DEADLINE_PASSED: 'it had not ended by its deadline',
  UNDELIVERABLE: 'agents that got it did not accept it',
};

/** Why a task did not succeed: what its agent said where that ended it, else the record's reason. */
function failureOf({ state, reason, result }: ItemOutcome): ItemFailure {
  const error = state === 'FAILED' || state === 'DEAD_LETTER' ? result?.error : null;
  const byRecord = Object.hasOwn(ENDED_BY_RECORD, reason) ? ENDED_BY_RECORD[reason] : undefined;
  // The result is of an earlier attempt, unless an agent calls its failure so.
  if (byRecord && error?.kind !== reason) {
    return { code: codeOf(state, reason), kind: reason, message: byRecord };
  }
  const code = codeOf(state, reason);
  if (code === 'TIMED_OUT' && state === 'CANCELLED') {
    return { code, kind: code, message: wordsAfterCode(reason) };
  }
  const kind = error?.kind || state;
  return { code, kind, message: error?.message || reason || result?.summary || 'no reason' };
}

function codeOf(state: ItemOutcome['state'], reason: string): FailureCode {
  switch (state) {
    case 'TIMED_OUT':
      return state;
    case 'CANCELLED':
      // By its group, which took too long.
      return codeOfReason(reason) === 'TIMED_OUT' ? 'TIMED_OUT' : state;
    default:
      return reason === 'ATTEMPT_TIMED_OUT' ? 'TIMED_OUT' : 'TASK_FAILED';
  }
}
