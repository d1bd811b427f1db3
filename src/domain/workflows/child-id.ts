import { hash } from 'node:crypto';

/** One task that a workflow makes. */
export interface ChildKey {
  readonly workflowId: string;
  readonly node: number;
  /** The node's. */
  readonly run: number;
  /** From 1. */
  readonly item: number;
}

/** Names the submission of a task: a repeat finds the task that there is. */
export function childRequestId({ workflowId, node, run, item }: ChildKey): string {
  return `wf:${workflowId}:${node}:${run}:${item}`;
}

/**
 * The id of a task that a workflow makes: a UUIDv7 of the time its node began, in the order of the items; the
 * same whoever makes it.
 *
 * @param time ms since the epoch
 */
export function childTaskId(time: number, key: ChildKey): string {
  const digest = hash('sha256', childRequestId(key), 'hex');
  const at = hex(Math.max(0, Math.floor(time)), 12);
  // 20 bits of the item, the rest of the digest.
  const item = hex(key.item & 0xfffff, 5);
  // The variant's other two bits stand before those of the item, and would mix them up.
  const middle = `8${item.slice(3)}${digest.slice(0, 1)}`;
  return `${at.slice(0, 8)}-${at.slice(8)}-7${item.slice(0, 3)}-${middle}-${digest.slice(1, 13)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
