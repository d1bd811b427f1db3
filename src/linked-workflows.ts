import { createChecker } from './api/constraints/checker.js';
import type { SharedLooks } from './api/feeds/shared-looks.js';
import { createWorkflowWatchers } from './api/feeds/workflow-watch.js';
import { createSpecWriter } from './api/mapping/task-draft.js';
import type { WorkflowParts } from './api/services/context.js';
import { createWorkflowAdvancer, type WorkflowAdvancer } from './maintenance/workflow-advancer.js';
import type { Ports } from './usecases/ports.js';
import { advanceWorkflow } from './usecases/workflows/advance.js';
import { giveUp } from './usecases/workflows/give-up.js';
import { LoadedWorkflows } from './usecases/workflows/loaded-workflows.js';
import type { WorkflowPorts } from './usecases/workflows/workflow-ports.js';

/** What one coordinator does with workflows. */
export interface LinkedWorkflows {
  readonly parts: WorkflowParts;
  /** Drives them; to be started and stopped. */
  readonly advancer: WorkflowAdvancer;
}

/** Puts together what runs workflows here, and what their service needs. */
export function linkWorkflows(ports: Ports, looks: SharedLooks): LinkedWorkflows {
  const { clock, log, workflows: record, rules } = ports;
  const workflowPorts: WorkflowPorts = {
    ports,
    workflows: record,
    specWriter: createSpecWriter(createChecker(), rules),
    wake: (keys) => advancer.wake(keys),
  };
  const advancer = createWorkflowAdvancer({
    clock,
    log,
    advance: advanceWorkflow(workflowPorts),
    giveUp: giveUp(workflowPorts),
  });
  return {
    advancer,
    parts: {
      ports: workflowPorts,
      loaded: new LoadedWorkflows(workflowPorts),
      watchers: createWorkflowWatchers({ record, looks, clock }),
    },
  };
}
