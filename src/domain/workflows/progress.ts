import type { Plan } from './plan.js';
import { at } from './snapshot.js';
import { isNodeOver, type WorkflowNode } from './workflow.js';

/** See `WorkflowProgress` in workflow.proto. */
export interface Progress {
  readonly totalCount: number;
  readonly submittedCount: number;
  readonly succeededCount: number;
  readonly failedCount: number;
  /** 0 to 1; 1 only when the workflow is over. */
  readonly fraction: number;
}

/** The most that is told of a workflow that is not over. */
const NOT_QUITE = 0.999;

/** @param over whether the workflow is; left out: whether all its nodes are */
export function progressOf(plan: Plan, nodes: readonly WorkflowNode[], over?: boolean): Progress {
  let total = 0;
  let submitted = 0;
  let succeeded = 0;
  let failed = 0;
  let all = 0;
  let done = 0;
  let areOver = true;
  for (const { node, kind } of plan.nodes) {
    const here = at(nodes, node);
    const isOver = isNodeOver(here.state);
    areOver &&= isOver;
    if (kind === 'GROUP') continue;
    const ended = here.succeeded + here.failed;
    // What has not been counted yet will be one, as far as is known.
    total += here.state === 'WAITING' ? Math.max(1, here.total) : here.total;
    submitted += here.submitted;
    succeeded += here.succeeded;
    failed += here.failed;
    const weight = Math.max(1, here.total);
    all += weight;
    done += isOver ? weight : Math.min(weight, ended);
  }
  const share = all === 0 ? 0 : done / all;
  const fraction = (over ?? areOver) ? 1 : Math.min(share, NOT_QUITE);
  return {
    totalCount: total,
    submittedCount: submitted,
    succeededCount: succeeded,
    failedCount: failed,
    fraction,
  };
}
