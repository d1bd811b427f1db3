import type { Workflow } from './domain/workflows/workflow.js';
import type { WorkflowRecord } from './ports/workflow-record.js';

/** Told of a workflow of which something was written, and how many events with it: its newest. */
export type ToldWorkflow = (workflow: Workflow, events: number) => void;

/** The record of workflows; `told` hears of each of which something was written. */
export function toldWorkflows(record: WorkflowRecord, told: ToldWorkflow): WorkflowRecord {
  return {
    ...record,
    async start(workflow) {
      const outcome = await record.start(workflow);
      if (outcome.kind === 'STARTED') told(outcome.workflow, 1);
      return outcome;
    },
    async commit(commit) {
      const outcome = await record.commit(commit);
      if (outcome.kind === 'OK') told(outcome.workflow, commit.events.length);
      return outcome;
    },
  };
}
