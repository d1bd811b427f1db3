import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { readWorkflow, TaskError, type WorkflowDocument } from '@reeve/sdk';
import {
  type Assignment,
  Outcome,
  type Workflow,
  WorkflowEventType,
  WorkflowService,
  WorkflowState,
} from '@reeve/sdk/protocol';
import type { JsonDoor } from '../../support/json-doors.js';
import { all, doNext, json, type Row, register, showRows } from '../../support/rows.js';

const {
  cancelWorkflow,
  getWorkflow,
  listWorkflowEvents,
  restoreWorkflowContext,
  retryWorkflow,
  startWorkflow,
  updateWorkflowContext,
  waitWorkflow,
} = WorkflowService.method;
const { RETRIED, CANCEL_REQUESTED } = WorkflowEventType;

async function start(door: JsonDoor, document: WorkflowDocument): Promise<string> {
  const { workflow } = await door.call(startWorkflow, { spec: readWorkflow(document) });
  return workflow?.workflowId ?? '';
}

async function ended(door: JsonDoor, workflowId: string): Promise<Workflow | undefined> {
  return (await door.call(waitWorkflow, { workflowId })).workflow;
}

const stateOf = (workflow: Workflow | undefined) => WorkflowState[workflow?.state ?? 0];
const value = (plain: JsonValue) => fromJson(ValueSchema, plain);
const seen = (number: number) => [`g.each ${number}`, `g.each ${number} of 3`];

/** One for each number, of which the second fails the first time it is tried. */
const HALF: WorkflowDocument = {
  context: { numbers: [1, 2, 3] },
  groups: [
    {
      id: 'g',
      tasks: [
        {
          ...{ id: 'each', kind: 'a', onFailure: 'continue', retry: { maxAttempts: 1 } },
          expand: { array: { number: 'context.numbers' } },
        },
      ],
    },
  ],
};

const partial: Row = {
  shows: 'one that is PARTIAL is run again: only what failed of it, and agents know what they work for',
  ...json(async (door) => {
    await register(door, 'worker', ['a']);
    const workflowId = await start(door, HALF);
    const done: string[][] = [];
    let broken = true;
    const resultOf = ({ spec }: Assignment) => {
      const { workflow: place, item } = spec ?? {};
      if (place?.workflowId === workflowId) {
        const words = `${place.groupId}.${place.taskId} ${place.sequenceNum}`;
        done.push([words, `${item?.baseTaskId} ${item?.sequenceNum} of ${item?.totalCount}`]);
      }
      const failed = { outcome: Outcome.FAILED, error: { kind: 'BROKEN', message: 'broken' } };
      return broken && place?.sequenceNum === 2 ? failed : { outcome: Outcome.SUCCEEDED };
    };
    for (let i = 0; i < 3; i++) await doNext(door, 'worker', resultOf);
    const first = await ended(door, workflowId);
    broken = false;
    const { workflow } = await door.call(retryWorkflow, { workflowId, reason: 'mended' });
    await doNext(door, 'worker', resultOf);
    const second = await ended(door, workflowId);
    const refusal = await door.refusal(retryWorkflow, { workflowId });
    const { events } = await door.call(listWorkflowEvents, { workflowId });
    return {
      states: [stateOf(first), stateOf(second)],
      runs: [first?.run, workflow?.run],
      done: [done.slice(0, 3).sort(), done.slice(3)],
      why: events.filter(({ type }) => type === RETRIED).map(({ reason }) => reason),
      refused: refusal.includes('WORKFLOW_NOT_RETRYABLE'),
    };
  }),
  async sdk({ client, agent }) {
    const done: string[][] = [];
    let broken = true;
    await agent('worker')
      .handle('a', (_, { workflow: place, task: { item } }) => {
        const words = `${place?.groupId}.${place?.taskId} ${place?.sequenceNum}`;
        done.push([words, `${item?.baseTaskId} ${item?.sequenceNum} of ${item?.totalCount}`]);
        if (broken && place?.sequenceNum === 2) throw new TaskError('BROKEN', 'broken', { retryable: false });
      })
      .start();
    const run = await client.workflows.start(HALF);
    const first = await run.wait();
    broken = false;
    const again = await run.retry({ reason: 'mended' });
    const second = await run.wait();
    const refusal = await run.retry().catch((error) => error.reason);
    const events = await all(run.events());
    return {
      states: [first.state, second.state],
      runs: [first.run, again.run],
      done: [done.slice(0, 3).sort(), done.slice(3)],
      why: events.filter(({ type }) => type === 'RETRIED').map(({ reason }) => reason),
      refused: refusal === 'WORKFLOW_NOT_RETRYABLE',
    };
  },
  expected: {
    states: ['PARTIAL', 'SUCCEEDED'],
    runs: [1, 2],
    done: [[1, 2, 3].map(seen), [seen(2)]],
    why: ['mended'],
    refused: true,
  },
};

/** Nobody does it. */
const WAITING: WorkflowDocument = {
  context: { user: { name: 'Ada' } },
  groups: [{ id: 'g', tasks: [{ id: 't', kind: 'nobody-does' }] }],
};

const context: Row = {
  shows: 'the context of one that runs is changed if it is as it was read, and made as it was',
  ...json(async (door) => {
    const workflowId = await start(door, WAITING);
    const read = async () => {
      const { workflow } = await door.call(getWorkflow, { workflowId, contextPath: 'user.name' });
      const { kind } = workflow?.context ?? {};
      return kind?.case === 'stringValue' ? kind.value : kind?.case;
    };
    const { workflow, pathVersion } = await door.call(getWorkflow, { workflowId, contextPath: 'user.name' });
    const patch = { path: 'user.name', value: value('Grace'), expectedVersion: pathVersion };
    await door.call(updateWorkflowContext, { workflowId, patches: [patch] });
    const changed = await read();
    const refusal = await door.refusal(updateWorkflowContext, { workflowId, patches: [patch] });
    const contextVersion = workflow?.contextVersion ?? 0n;
    await door.call(restoreWorkflowContext, { workflowId, contextVersion });
    const stale = refusal.includes('VERSION_MISMATCH');
    return { changed, stale, restored: await read(), none: await nothingAt(door, workflowId) };
  }),
  async sdk({ client }) {
    const run = await client.workflows.start(WAITING);
    const { pathVersion, contextVersion } = await run.get({ path: 'user.name' });
    const patches = [{ path: 'user.name', value: 'Grace', expectedVersion: pathVersion }];
    await run.updateContext(patches);
    const changed = await run.context('user.name');
    const refusal = await run.updateContext(patches).catch((error) => error.reason);
    await run.restoreContext(contextVersion);
    const restored = await run.context('user.name');
    const none = (await run.context('user.nobody')) === undefined;
    return { changed, stale: refusal === 'VERSION_MISMATCH', restored, none };
  },
  expected: { changed: 'Grace', stale: true, restored: 'Ada', none: true },
};

async function nothingAt(door: JsonDoor, workflowId: string): Promise<boolean> {
  const { workflow } = await door.call(getWorkflow, { workflowId, contextPath: 'user.nobody' });
  return workflow !== undefined && workflow.context === undefined;
}

const cancels: Row = {
  shows: 'one that is cancelled says why, and is run again',
  ...json(async (door) => {
    const workflowId = await start(door, WAITING);
    await door.call(cancelWorkflow, { workflowId, reason: 'wrong data' });
    const cancelled = await ended(door, workflowId);
    const { events } = await door.call(listWorkflowEvents, { workflowId });
    const { workflow } = await door.call(retryWorkflow, { workflowId });
    return {
      cancelled: [stateOf(cancelled), cancelled?.reason],
      why: events.filter(({ type }) => type === CANCEL_REQUESTED).map(({ reason }) => reason),
      run: workflow?.run,
    };
  }),
  async sdk({ client }) {
    const run = await client.workflows.start(WAITING);
    await run.cancel({ reason: 'wrong data' });
    const { workflow: cancelled } = await run.wait().catch((error) => error);
    const events = await all(run.events());
    return {
      cancelled: [cancelled.state, cancelled.reason],
      why: events.filter(({ type }) => type === 'CANCEL_REQUESTED').map(({ reason }) => reason),
      run: (await run.retry()).run,
    };
  },
  async cli(reeve, { client }) {
    const { workflowId } = await client.workflows.start(WAITING);
    await reeve('workflow', 'cancel', workflowId, '--reason', 'wrong data');
    await client.workflows.wait(workflowId).catch(() => {});
    const cancelled = (await reeve('workflow', 'get', workflowId)) as { state: string; reason: string };
    const events = (await reeve('workflow', 'events', workflowId)) as { type: string; reason: string }[];
    const again = (await reeve('workflow', 'retry', workflowId)) as { run: number };
    return {
      cancelled: [cancelled.state, cancelled.reason],
      why: events.filter(({ type }) => type === 'CANCEL_REQUESTED').map(({ reason }) => reason),
      run: again.run,
    };
  },
  expected: { cancelled: ['CANCELLED', 'CANCELLED: wrong data'], why: ['wrong data'], run: 2 },
};

showRows([partial, context, cancels]);
