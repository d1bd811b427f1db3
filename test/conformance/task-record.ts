import { afterAll, beforeAll, describe } from 'vitest';
import type { TaskRecord } from '../../src/ports/task-record.js';
import { testAdmission } from './task-record-admission.js';
import { testApprovals } from './task-record-approvals.js';
import { testCancelling } from './task-record-cancelling.js';
import { testChains } from './task-record-chains.js';
import { testCheckpoints } from './task-record-checkpoints.js';
import { testConcurrency } from './task-record-concurrency.js';
import { testDeadlines } from './task-record-deadlines.js';
import { testDependencies } from './task-record-dependencies.js';
import { testExpiring } from './task-record-expiring.js';
import { testLateDependents } from './task-record-late-dependents.js';
import { testLeases } from './task-record-leases.js';
import { testPreempting } from './task-record-preempting.js';
import { testReads } from './task-record-reads.js';
import { testLeaseRequests } from './task-record-requests.js';
import { testRouting } from './task-record-routing.js';
import { testSelections } from './task-record-selections.js';
import { testSettling } from './task-record-settling.js';
import { testSubmitting } from './task-record-submitting.js';
import { testUpdating } from './task-record-updating.js';
import { testUrgency } from './task-record-urgency.js';
import { createWorld, type World } from './task-record-world.js';

export interface OpenedRecord {
  readonly record: TaskRecord;
  close(): Promise<void>;
}

/** What every record of tasks must do. `open` is called once; tests live in orgs of their own. */
export function describeTaskRecord(name: string, open: () => Promise<OpenedRecord>): void {
  describe(`the task record on ${name}`, () => {
    let opened: OpenedRecord | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());
    const world = (): World => {
      if (!opened) throw new Error('the record is not open');
      return createWorld(opened.record);
    };

    testSubmitting(world);
    testLeases(world);
    testExpiring(world);
    testSettling(world);
    testCancelling(world);
    testPreempting(world);
    testCheckpoints(world);
    testReads(world);
    testLeaseRequests(world);
    testDependencies(world);
    testChains(world);
    testLateDependents(world);
    testUrgency(world);
    testDeadlines(world);
    testUpdating(world);
    testAdmission(world);
    testApprovals(world);
    testRouting(world);
    testSelections(world);
    testConcurrency(world);
  });
}
