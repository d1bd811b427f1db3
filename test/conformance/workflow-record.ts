import { afterAll, beforeAll, describe } from 'vitest';
import { testWorkflowCommits } from './workflow-record-commits.js';
import { testWorkflowContexts } from './workflow-record-contexts.js';
import { testWorkflowCounts } from './workflow-record-counts.js';
import { testWorkflowItems } from './workflow-record-items.js';
import { testWorkflowLists } from './workflow-record-lists.js';
import { createWorkflowWorld, type OpenedWorkflowRecord } from './workflow-record-world.js';

/** What every record of workflows must do, beside its record of tasks. `open` is called once; each test has its own org. */
export function describeWorkflowRecord(name: string, open: () => Promise<OpenedWorkflowRecord>): void {
  describe(`the record of workflows on ${name}`, () => {
    let opened: OpenedWorkflowRecord | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());
    const world = () => {
      if (!opened) throw new Error('the record is not open');
      return createWorkflowWorld(opened);
    };

    testWorkflowCommits(world);
    testWorkflowContexts(world);
    testWorkflowCounts(world);
    testWorkflowItems(world);
    testWorkflowLists(world);
  });
}
