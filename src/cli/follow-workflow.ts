import type { WorkflowInfo } from '@reeve/sdk';
import { EXIT } from './exit-codes.js';
import { CliError } from './failure.js';
import type { Invocation } from './invocation.js';
import { Picture } from './output/picture.js';
import { workflowTree } from './output/workflow-tree.js';
import { WORKFLOW_CHANGE_VIEW, WORKFLOW_VIEW, type WorkflowChange } from './output/workflow-view.js';

/** How often the times in a picture go on. */
const TICK_MS = 1_000;

/**
 * Shows a workflow until it has ended: on a terminal as a tree that is drawn again in place, in a table a line for
 * whatever has changed, otherwise the whole of it after each change unless `quiet`.
 *
 * @param erase takes the tree away in the end, for what is shown in its place
 */
export async function followWorkflow(
  invocation: Invocation,
  workflowId: string,
  { quiet = false, erase = false }: { readonly quiet?: boolean; readonly erase?: boolean } = {},
): Promise<WorkflowInfo> {
  const { out, signal } = invocation;
  const picture = out.live ? pictureOf(invocation) : undefined;
  const seen = new Map<string, string>();
  let last: WorkflowInfo | undefined;
  for await (const { workflow } of invocation.client().workflows.watch(workflowId, { signal })) {
    last = workflow;
    if (picture) picture.show(workflow);
    else if (out.format === 'table') await showChanges(invocation, workflow, seen);
    else if (!quiet && seen.get('') !== WORKFLOW_VIEW.version(workflow)) {
      seen.set('', WORKFLOW_VIEW.version(workflow));
      await out.next(WORKFLOW_VIEW, workflow);
    }
  }
  picture?.stop(erase);
  return last ?? invocation.client().workflows.get(workflowId);
}

/** @throws CliError if it ended otherwise than SUCCEEDED */
export function verdictOn({ workflowId, name, state, reason }: WorkflowInfo): number {
  if (state === 'SUCCEEDED') return EXIT.ok;
  throw new CliError({
    code: `WORKFLOW_${state}`,
    message: `workflow ${workflowId}${name ? ` (${name})` : ''} is ${state}${reason ? `: ${reason}` : ''}`,
    retryable: false,
    hint: `See what happened: reeve workflow events ${workflowId}. Run again what did not succeed: reeve workflow retry ${workflowId}`,
    exit: EXIT.taskFailed,
  });
}

function pictureOf({ world, out, onEnd }: Invocation) {
  const { stdout } = world;
  const picture = new Picture(stdout);
  let shown: WorkflowInfo | undefined;
  const draw = () => {
    const size = { columns: stdout.columns, rows: stdout.rows === undefined ? undefined : stdout.rows - 1 };
    if (shown) picture.draw(workflowTree(shown, out.scene, size));
  };
  const ticking = setInterval(draw, TICK_MS);
  const stop = (erase = false) => {
    clearInterval(ticking);
    picture.stop({ erase });
  };
  onEnd(() => stop());
  return {
    show: (workflow: WorkflowInfo) => {
      shown = workflow;
      draw();
    },
    stop,
  };
}

async function showChanges({ out, world }: Invocation, workflow: WorkflowInfo, seen: Map<string, string>) {
  for (const change of changesOf(workflow, new Date(world.now()))) {
    const version = WORKFLOW_CHANGE_VIEW.version(change);
    if (seen.get(change.node) === version) continue;
    seen.set(change.node, version);
    await out.next(WORKFLOW_CHANGE_VIEW, change);
  }
}

function changesOf(workflow: WorkflowInfo, at: Date): WorkflowChange[] {
  const { progress: p, state, reason, nodes } = workflow;
  const done = p.succeededCount + p.failedCount;
  return [
    { at, node: '', state, done, total: p.totalCount, reason },
    ...nodes.map((node) => ({
      at,
      node: node.taskId ? `${node.groupId}.${node.taskId}` : node.groupId,
      state: node.state,
      done: node.succeededCount + node.failedCount,
      total: node.totalCount,
      reason: node.reason,
    })),
  ];
}
