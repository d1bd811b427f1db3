import { ReeveError } from '../domain/errors.js';
import type { WorkflowEvent } from '../domain/workflows/workflow.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { WorkflowKey, WorkflowRecord } from '../ports/workflow-record.js';
import { type Batches, createBatches } from './batches.js';
import type { WorkflowHappening } from './event.js';
import type { HandlerRegistry } from './registry.js';

const PAGE = 1_000;

/** What a commit has written of a workflow: its events from one number to another, both included. */
export interface WrittenEvents extends WorkflowKey {
  readonly from: number;
  readonly to: number;
}

/** Tells handlers of what this coordinator has done to workflows. Events of one in the order of their numbers. */
export function createWorkflowHappenings(world: {
  readonly record: Pick<WorkflowRecord, 'listEvents'>;
  /** A node as `group` or `group.task`, by its place in the plan. */
  readonly addressOf: (key: WorkflowKey, node: number) => Promise<string>;
  readonly registry: HandlerRegistry;
  readonly clock: Clock;
  readonly log: Log;
}): Batches<WrittenEvents> {
  const { record, registry } = world;

  async function read(written: WrittenEvents): Promise<WorkflowHappening[]> {
    const found: WorkflowHappening[] = [];
    for (let after = written.from - 1; after < written.to; ) {
      const page = await record.listEvents(written, after, Math.min(PAGE, written.to - after));
      if (page.length === 0) break;
      for (const event of page) found.push(await happening(written, event));
      after = page.at(-1)?.seq ?? written.to;
    }
    return found;
  }

  async function happening(key: WorkflowKey, event: WorkflowEvent): Promise<WorkflowHappening> {
    const { org, workflowId } = key;
    const { node, actor, ...rest } = event;
    const address = node === null ? '' : await addressOf(key, node);
    return { subject: 'workflow', org, workflowId, ...rest, node: address, actorSubjectId: actor };
  }

  /** Empty where the workflow cannot be resolved any more. */
  async function addressOf(key: WorkflowKey, node: number): Promise<string> {
    try {
      return await world.addressOf(key, node);
    } catch (error) {
      if (error instanceof ReeveError) throw error;
      return '';
    }
  }

  return createBatches({
    ...world,
    name: 'workflow',
    lost: (count) => registry.dropped('workflow', count),
    async run(batch) {
      if (!registry.wants('workflow')) return;
      const inOrder = [...batch].sort((a, b) => a.from - b.from);
      const events = await Promise.all(inOrder.map(read));
      registry.tell(events.flat());
    },
  });
}
