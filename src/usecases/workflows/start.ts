import { maySubmitHuman, type Principal } from '../../domain/access/principal.js';
import type { TaskDefaults, WorkflowSpec } from '../../domain/workflows/spec.js';
import type { Workflow } from '../../domain/workflows/workflow.js';
import type { NewWorkflow } from '../../ports/workflow-record.js';
import { checkSpec } from './check-spec.js';
import { invalidWorkflow, requestIdReused } from './errors.js';
import type { WorkflowPorts } from './workflow-ports.js';

export interface StartItem {
  readonly spec: WorkflowSpec;
  /** Names the call, so that it can be repeated safely. */
  readonly request: NewWorkflow['request'];
}

export interface Started {
  readonly workflow: Workflow;
  /** Whether the request had been seen before. */
  readonly alreadyStarted: boolean;
  /** For people. */
  readonly notes: readonly string[];
}

const NOT_HUMAN =
  'its tasks are AUTOMATED, and NORMAL where they were CRITICAL: saying HUMAN or CRITICAL needs the permission tasks.submit_human';

/**
 * Stores a workflow; it runs by itself from here on.
 *
 * @throws INVALID_ARGUMENT (INVALID_WORKFLOW) for what validateWorkflow finds; ALREADY_EXISTS (REQUEST_ID_REUSED)
 */
export const startWorkflow =
  (ports: WorkflowPorts) =>
  async (principal: Principal, { spec: asked, request }: StartItem): Promise<Started> => {
    const { org, subject: actor } = principal;
    const spec = permitted(principal, asked);
    const { plan, problems, warnings } = await checkSpec(ports, org, spec, false);
    if (!plan) throw invalidWorkflow(problems);
    const { clock, ids, failpoints } = ports.ports;
    const createTime = clock.now();
    await failpoints.hit('workflow.before-start');
    const outcome = await ports.workflows.start({
      org,
      workflowId: ids.taskId(),
      spec,
      submitterSubjectId: spec.submitterSubjectId || actor,
      actor,
      createTime,
      deadline: spec.timeoutMs === null ? null : createTime + spec.timeoutMs,
      nodeCount: plan.nodes.length,
      request,
    });
    await failpoints.hit('workflow.after-start');
    if (outcome.kind === 'REQUEST_ID_REUSED') {
      throw requestIdReused(request?.requestId ?? '', outcome.workflowId);
    }
    const { workflow } = outcome;
    ports.wake([{ org, workflowId: workflow.workflowId }]);
    const notes = warnings.map(({ field, description }) => `${field}: ${description}`);
    if (spec !== asked) notes.unshift(NOT_HUMAN);
    return { workflow, alreadyStarted: outcome.kind === 'ALREADY_STARTED', notes };
  };

/** What only some may say is left out for others. The same object where nothing is. */
function permitted(principal: Principal, spec: WorkflowSpec): WorkflowSpec {
  if (maySubmitHuman(principal) || !saysSpecial(spec)) return spec;
  return {
    ...spec,
    source: spec.source === 'HUMAN' ? 'AUTOMATED' : spec.source,
    defaults: lowered(spec.defaults),
    groups: spec.groups.map((group) => ({
      ...group,
      defaults: lowered(group.defaults),
      tasks: group.tasks.map((task) => ({ ...task, settings: lowered(task.settings) })),
    })),
  };
}

function saysSpecial({ source, defaults, groups }: WorkflowSpec): boolean {
  const isCritical = ({ tier }: TaskDefaults) => tier === 'CRITICAL';
  if (source === 'HUMAN' || isCritical(defaults)) return true;
  return groups.some((group) => isCritical(group.defaults) || group.tasks.some((task) => isCritical(task.settings)));
}

function lowered(defaults: TaskDefaults): TaskDefaults {
  return defaults.tier === 'CRITICAL' ? { ...defaults, tier: 'NORMAL' } : defaults;
}
