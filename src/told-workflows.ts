import type { WorkflowKey, WorkflowRecord } from './ports/workflow-record.js';

/** The record of workflows; `told` hears of each of which something was written. */
export function toldWorkflows(record: WorkflowRecord, told: (key: WorkflowKey) => void): WorkflowRecord {
  return {
    ...record,
    async start(workflow) {
      const outcome = await record.start(workflow);
      if (outcome.kind === 'STARTED') told(workflow);
      return outcome;
    },
    async commit(commit) {
      const outcome = await record.commit(commit);
      if (outcome.kind === 'OK') told(commit);
      return outcome;
    },
  };
}
