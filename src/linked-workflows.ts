import type { Checker } from './api/constraints/checker.js';
import { createSpecWriter } from './api/mapping/task-draft.js';
import { STEP_LIMITS, type StepLimits } from './domain/workflows/steps.js';
import { createWorkflowAdvancer, type WorkflowAdvancer } from './maintenance/workflow-advancer.js';
import type { ContextProvider } from './ports/context-provider.js';
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

interface Needs {
  /** Whose `wakeWorkflows` is to call the advancer's `wake`. */
  readonly ports: Ports;
  readonly checker: Pick<Checker, 'check'>;
  /** Is stopped with the advancer, whose stop would wait for it. */
  readonly contexts: ContextProvider;
  readonly limits?: StepLimits;
}

export function linkWorkflows({ ports, checker, contexts, limits = STEP_LIMITS }: Needs): LinkedWorkflows {
  const { clock, log } = ports;
  const workflowPorts: WorkflowPorts = {
    ports,
    workflows: ports.workflows,
    specWriter: createSpecWriter(checker, ports.rules),
    limits,
    contexts,
    wake: (keys: readonly WorkflowKey[]) => advancer.wake(keys),
  };
  const loaded = new LoadedWorkflows(workflowPorts);
  const advance = advanceWorkflow(workflowPorts, loaded);
  const advancer = createWorkflowAdvancer({ clock, log, advance, giveUp: giveUp(workflowPorts) });
  const stop = (): Promise<void> => {
    contexts.stop();
    return advancer.stop();
  };
  return { ports: workflowPorts, loaded, advancer: { ...advancer, stop } };
}
