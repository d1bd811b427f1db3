import { isTerminal } from '../../domain/tasks/task-state.js';
import { isNodeOver } from '../../domain/workflows/workflow.js';
import type { OpenTask } from '../../ports/workflow-record.js';
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
export async function cancelTasksOf({ copy, ports }: Turn): Promise<boolean> {
  await ports.ports.failpoints.hit('workflow.before-cancel');
  const { org, submitterSubjectId: subject, reason } = copy.workflow;
  let any = false;
  // Those that an agent has to stop stay open for a while, and are read again.
  for (let known = 0; ; ) {
    const open = await ports.workflows.listOpenTasks(copy.key, known + STEP);
    const changed = await cancelAll(ports, { org, subject, reason }, open);
    any ||= changed > 0;
    if (changed === 0 || open.length < known + STEP) return any;
    known = open.length;
  }
}

/** The same of one node. */
export async function cancelItems({ copy, ports }: Turn, node: number, reason: string): Promise<boolean> {
  const { org, submitterSubjectId: subject } = copy.workflow;
  let any = false;
  for (let after = 0; ; ) {
    const items = await ports.workflows.listItems(copy.key, node, after, STEP);
    const open = items.filter(({ state }) => !isTerminal(state)).map(({ taskId }) => ({ taskId }));
    any = (await cancelAll(ports, { org, subject, reason }, open)) > 0 || any;
    const last = items.at(-1);
    if (!last || items.length < STEP) return any;
    after = last.item;
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
  const useless = made.filter(isUseless).map(({ taskId }) => ({ taskId }));
  await cancelAll(ports, { org, subject, reason: 'its workflow has no use for it' }, useless);
  return made.filter((one) => !isUseless(one) && copy.node(one.node).state === 'WAITING');
}

/**
 * What was retried since it was read is left alone: its workflow is run again, whoever was slow here.
 *
 * @returns how many were not being cancelled before
 */
async function cancelAll(
  { ports }: WorkflowPorts,
  cause: Cause,
  tasks: readonly (Pick<OpenTask, 'taskId'> & Partial<OpenTask>)[],
): Promise<number> {
  if (tasks.length === 0) return 0;
  const reason = cause.reason || 'its workflow is over';
  const outcomes = await requestCancels(ports)(
    cause,
    tasks.map((task) => ({ ...task, reason, graceMs: null })),
  );
  return outcomes.filter((outcome) => outcome.kind === 'OK' && outcome.changed).length;
}
