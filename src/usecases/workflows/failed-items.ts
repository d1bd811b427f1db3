import { isTerminal } from '../../domain/tasks/task-state.js';
import { Tally } from '../../domain/workflows/outputs/tally.js';
import { codeOf, wordsAfterCode } from '../../domain/workflows/reasons.js';
import type { ItemOutcome } from '../../ports/workflow-record.js';
import { itemPages } from './item-pages.js';
import { settledItem } from './settled-items.js';
import type { WorkflowPorts } from './workflow-ports.js';
import type { WorkingCopy } from './working-copy.js';

/** A turn, as far as tasks are looked at. */
export interface Looking {
  readonly copy: WorkingCopy;
  readonly ports: Pick<WorkflowPorts, 'workflows'>;
}

/** The tasks of a node's run that ended otherwise than well, in the order of their items. */
export async function* failedItems(turn: Looking, node: number): AsyncGenerator<ItemOutcome> {
  for await (const items of itemPages(turn, node, false)) {
    for (const item of items) if (isTerminal(item.state) && item.state !== 'SUCCEEDED') yield item;
  }
}

/**
 * Why a node has not succeeded that is not over: how many of its tasks failed, and what the first of them said. Empty:
 * none has failed, or it is run again already.
 */
export async function failureSoFar(turn: Looking, node: number): Promise<string> {
  const { failed, total } = turn.copy.node(node);
  if (failed === 0) return '';
  for await (const item of failedItems(turn, node)) {
    const tally = new Tally(1);
    tally.add(settledItem(item, undefined));
    if (total === 1) return tally.reason;
    // Of others it is not known; a code of its own is left among the words.
    const code = failed === 1 ? codeOf(tally.reason) : 'TASK_FAILED';
    const words = codeOf(tally.reason) === code ? wordsAfterCode(tally.reason) : tally.reason;
    return `${code}: ${failed} of ${total} tasks did not succeed: ${item.item} (${words})`;
  }
  return '';
}
