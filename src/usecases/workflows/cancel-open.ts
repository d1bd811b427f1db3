import { isNodeOver } from '../../domain/workflows/workflow.js';
import type { TaskRun } from '../../ports/workflow-record.js';
import { requestCancels } from '../cancel-tasks.js';
import type { Made, Turn } from './turn.js';
import type { WorkflowPorts } from './workflow-ports.js';

const STEP = 500;

interface Cause {
  readonly org: string;
  readonly subject: string;
  readonly reason: string;
}

/**
 * Has the open tasks of a workflow cancelled.
 *
 * @returns whether any of them was not being cancelled before
 */
export async function cancelTasksOf(turn: Turn): Promise<boolean> {
  await turn.ports.ports.failpoints.hit('workflow.before-cancel');
  return cancelOpen(turn, null, turn.copy.workflow.reason);
}

/** The same of one node. */
export function cancelItems(turn: Turn, node: number, reason: string): Promise<boolean> {
  return cancelOpen(turn, node, reason);
}

/** A retry since the workflow was read is left alone: what was open before it is not open after it. */
async function cancelOpen({ copy, ports }: Turn, node: number | null, reason: string): Promise<boolean> {
  const { org, submitterSubjectId: subject, run } = copy.workflow;
  let any = false;
  // Those that an agent has to stop stay open for a while, and are read again.
  for (let known = 0; ; ) {
    const limit = known + STEP;
    const open = await ports.workflows.listOpenTasks({ ...copy.key, run, node, limit });
    const changed = await cancelAll(ports, { org, subject, reason }, open);
    any ||= changed > 0;
    if (changed === 0 || open.length < limit) return any;
    known = open.length;
  }
}

/**
 * Cancels tasks that were made for a decision which was not committed and came to nothing: what was decided in its place
 * has no use for them.
 *
 * @returns those of which it is not settled yet
 */
export async function withdraw(
  { copy, ports }: Pick<Turn, 'copy' | 'ports'>,
  made: readonly Made[],
): Promise<readonly Made[]> {
  const { org, submitterSubjectId: subject } = copy.workflow;
  const isUseless = ({ node, run }: Made) => copy.node(node).run !== run || isNodeOver(copy.node(node).state);
  // One that was retried since is of use.
  const useless = made.filter(isUseless).map(({ taskId }) => ({ taskId, series: 0 }));
  await cancelAll(ports, { org, subject, reason: 'its workflow has no use for it' }, useless);
  return made.filter((one) => !isUseless(one) && copy.node(one.node).state === 'WAITING');
}

/** @returns how many were not being cancelled before */
async function cancelAll({ ports }: WorkflowPorts, cause: Cause, tasks: readonly TaskRun[]): Promise<number> {
  if (tasks.length === 0) return 0;
  const reason = cause.reason || 'its workflow is over';
  const outcomes = await requestCancels(ports)(
    cause,
    tasks.map(({ taskId, series }) => ({ taskId, series, reason, graceMs: null })),
  );
  return outcomes.filter((outcome) => outcome.kind === 'OK' && outcome.changed).length;
}
