import { heldPart } from '../domain/operations/operation.js';
import type { OperationRecord } from '../ports/operation-record.js';
import type { QueuePause, QueueRecord } from '../ports/queue-record.js';
import type { ReadyIndex } from '../ports/ready-index.js';
import { holdName, openOperations } from './operations.js';
import { pauseName } from './pause-queue.js';

const PAGE = 1_000;

/**
 * Holds in a new index what the record says is paused or being cleared. To be awaited before
 * anything is given out.
 */
export async function restoreHolds(world: {
  readonly index: ReadyIndex;
  readonly queues: QueueRecord;
  readonly operations: OperationRecord;
}): Promise<void> {
  const { index, queues, operations } = world;
  for (let after: QueuePause | null = null; ; ) {
    const page: readonly QueuePause[] = await queues.listAllPauses(after, PAGE);
    for (const { org, part } of page) await index.hold(org, part, pauseName(part));
    after = page.at(-1) ?? null;
    if (after === null || page.length < PAGE) break;
  }
  for (const operation of await openOperations(operations)) {
    const part = heldPart(operation);
    if (part) await index.hold(operation.org, part, holdName(operation.operationId));
  }
}
