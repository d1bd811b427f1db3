import type { Checker } from './api/constraints/checker.js';
import { createSpecWriter } from './api/mapping/task-draft.js';
import { STEP_LIMITS, type StepLimits } from './domain/workflows/steps.js';
import { createWorkflowAdvancer, type WorkflowAdvancer } from './maintenance/workflow-advancer.js';
import type { WorkflowKey } from './ports/workflow-record.js';
import type { Ports } from './usecases/ports.js';
import { advanceWorkflow } from './usecases/workflows/advance.js';
import { giveUp } from './usecases/workflows/give-up.js';
import { LoadedWorkflows } from './usecases/workflows/loaded-workflows.js';
import type { WorkflowPorts } from './usecases/workflows/workflow-ports.js';

/** The workflows of one coordinator. */
export interface LinkedWorkflows {
  readonly ports: WorkflowPorts;
  readonly loaded: LoadedWorkflows;
  /** To be started and stopped. */
  readonly advancer: WorkflowAdvancer;
}

/** @param ports whose `wakeWorkflows` is to call the advancer's `wake` */
export function linkWorkflows(
  ports: Ports,
  checker: Pick<Checker, 'check'>,
  limits: StepLimits = STEP_LIMITS,
): LinkedWorkflows {
  const { clock, log } = ports;
  const workflowPorts: WorkflowPorts = {
    ports,
    workflows: ports.workflows,
    specWriter: createSpecWriter(checker, ports.rules),
    limits,
    wake: (keys: readonly WorkflowKey[]) => advancer.wake(keys),
  };
  const loaded = new LoadedWorkflows(workflowPorts);
  const advance = advanceWorkflow(workflowPorts, loaded);
  const advancer = createWorkflowAdvancer({ clock, log, advance, giveUp: giveUp(workflowPorts) });
  return { ports: workflowPorts, loaded, advancer };
}
