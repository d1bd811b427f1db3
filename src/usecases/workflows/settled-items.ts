import { isTerminal } from '../../domain/tasks/task-state.js';
import type { Item } from '../../domain/workflows/expansion/items.js';
import { decodeOutput } from '../../domain/workflows/outputs/decode.js';
import type { FailureCode, ItemFailure, SettledItem } from '../../domain/workflows/outputs/settled-item.js';
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

/** Why a task did not succeed: what its agent said where that ended it, else the record's reason. */
function failureOf({ state, reason, result }: ItemOutcome): ItemFailure {
  const error = state === 'FAILED' || state === 'DEAD_LETTER' ? result?.error : null;
  const kind = error?.kind || state;
  return { code: codeOf(state), kind, message: error?.message || reason || result?.summary || 'no reason' };
}

function codeOf(state: ItemOutcome['state']): FailureCode {
  return state === 'TIMED_OUT' || state === 'CANCELLED' ? state : 'TASK_FAILED';
}
