import type { StepLimits } from '../../domain/workflows/steps.js';
import type { ContextProvider } from '../../ports/context-provider.js';
import type { WorkflowKey, WorkflowRecord } from '../../ports/workflow-record.js';
import type { Ports, SpecWriter } from '../ports.js';

/** What workflows need of the world. */
export interface WorkflowPorts {
  readonly ports: Ports;
  readonly workflows: WorkflowRecord;
  readonly specWriter: SpecWriter;
  readonly limits: StepLimits;
  /** Answers what tasks look up. */
  readonly contexts: ContextProvider;
  /** Told of workflows of which there is something to decide. */
  readonly wake: (keys: readonly WorkflowKey[]) => void;
}
