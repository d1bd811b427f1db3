import { v7 } from 'uuid';
import { expect, test } from 'vitest';
import type { TaskSpec } from '../../src/domain/tasks/task.js';
import type { NewTask } from '../../src/ports/task-record.js';
import type { WorkflowKey } from '../../src/ports/workflow-record.js';
import type { World } from './task-record-world.js';
import { createWorkflowWorld, type OpenedWorkflowRecord, pageOf } from './workflow-record-world.js';

/** An organisation whose tasks are of a day long ago. */
interface OldWorld extends World {
  readonly workflows: OpenedWorkflowRecord['workflows'];
  submit(spec?: Partial<TaskSpec>, rest?: Partial<NewTask>): Promise<string>;
  age(endedMsAgo: number, ...ids: string[]): Promise<void>;
  pass(options?: { readonly aheadMs?: number }): Promise<void>;
  isThere(taskId: string): Promise<boolean>;
  partitions(): Promise<number>;
}

export function testKeptWorkflows(setup: () => Promise<OldWorld>, keepMs: number): void {
  const openWorld = async () => {
    const old = await setup();
    const w = createWorkflowWorld(old, old);
    const ended = async (workflow: WorkflowKey): Promise<string> => {
      const taskId = await old.submit({}, { workflow: w.placeIn(workflow) });
      await old.settle(await old.claim(taskId));
      await old.age(2 * keepMs, taskId);
      return taskId;
    };
    return { ...old, w, ended };
  };

  test('tasks of a workflow stay as long as it is open, and then for as long as it does', async () => {
    const { w, org, ended, pass, isThere, partitions } = await openWorld();
    const key = { org, workflowId: v7() };
    const workflow = await w.start(key);
    const taskId = await ended(key);
    await pass();
    expect(await isThere(taskId)).toBe(true);
    expect(await w.workflows.listItems(key, 1, pageOf(0, 10))).toMatchObject([
      { taskId, result: { outcome: 'SUCCEEDED' } },
    ]);

    const over = await w.committed(workflow, { state: 'SUCCEEDED', finishTime: Date.now() - keepMs / 2 });
    await pass();
    expect(await isThere(taskId)).toBe(true);
    expect(await partitions()).toBe(3);

    await w.committed(over, { finishTime: Date.now() - 2 * keepMs });
    await pass();
    expect(await isThere(taskId)).toBe(false);
    expect(await w.workflows.get(key)).toBeNull();
    expect(await partitions()).toBe(0);
  });

  test('a clock of the record that is ahead forgets no workflow early', async () => {
    const { w, pass } = await openWorld();
    const workflow = await w.ended(keepMs / 2);
    await pass({ aheadMs: 2 * keepMs });
    expect(await w.workflows.get(workflow)).toEqual(workflow);
  });
}
