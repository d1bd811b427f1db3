import { expect, it } from 'vitest';
import type { RecordedNode, RecordedTask, RecordedWorkflow } from './checker-record.js';
import { checkTables } from './checker-tables.js';
import { checkWorkflows } from './checker-workflows.js';
import type { HistoryEntry, Verb } from './history.js';

const task = (item: number, changes: Partial<RecordedTask> = {}): RecordedTask => ({
  ...{
    taskId: `t${item}`,
    state: 'SUCCEEDED',
    epoch: 1,
    attempt: 1,
    series: 0,
    agentId: 'a',
    requestId: null,
  },
  ...{ workflowId: 'w', place: { node: 1, run: 1, item, address: 'g.each' }, output: { of: item } },
  ...changes,
});
const TASKS = [task(1), task(2)];
const EACH: RecordedNode = {
  ...{ node: 1, state: 'SUCCEEDED', run: 1 },
  ...{ total: 2, submitted: 2, succeeded: 2, failed: 0 },
};
const GROUP: RecordedNode = { ...EACH, node: 0, total: 0, submitted: 0, succeeded: 0 };
const entry = (item: number, of = item) => ({ sequence_num: item, output: { of } });
const results = (...entries: readonly unknown[]) => ({ 'outputs.g.each': { task_results: entries } });
const WORKFLOW: RecordedWorkflow = {
  ...{ workflowId: 'w', requestId: 'r', state: 'SUCCEEDED', nodes: [GROUP, EACH], seqs: [1, 2, 3] },
  context: results(entry(1), entry(2)),
};

interface Changes {
  readonly workflow?: Partial<RecordedWorkflow>;
  readonly each?: Partial<RecordedNode>;
  readonly tasks?: readonly RecordedTask[];
  readonly told?: string;
  readonly verbs?: readonly Verb[];
}

function broken({ workflow, each, tasks = TASKS, told = 'w', verbs = [] }: Changes = {}): string[] {
  const base = { at: 1, by: 'c', op: 1, type: 'ok', workflowId: told, requestId: 'r' } as const;
  const deed = (verb: Verb) => {
    const invoke: HistoryEntry = { ...base, verb };
    return [verb, [{ invoke, end: invoke }]] as const;
  };
  const deeds = new Map((['start-workflow', ...verbs] as const).map(deed));
  const record = {
    ...{ tasks, events: [] },
    workflows: [{ ...WORKFLOW, nodes: [GROUP, { ...EACH, ...each }], ...workflow }],
  };
  return checkWorkflows(deeds, record).map(({ message }) => message);
}

it('a workflow in order has no violations, nor has a record whose reader cannot see workflows', () => {
  expect(broken()).toEqual([]);
  expect(checkWorkflows(new Map(), { tasks: [], events: [] })).toEqual([]);
});

it('what was acknowledged and is not there, and what nobody started', () => {
  expect(broken({ told: 'other' })).toEqual(['request r was acknowledged; it is w']);
  expect(broken({ workflow: { requestId: 'x' } })).toEqual([
    'request r was acknowledged; it is not in the record',
    'nobody started x',
  ]);
});

it('one that has not ended, ended otherwise than its nodes, or was cancelled by nobody', () => {
  expect(broken({ workflow: { state: 'PROCESSING' } })).toEqual(['it has not ended: PROCESSING']);
  expect(broken({ workflow: { state: 'PARTIAL' } })).toHaveLength(1);
  expect(broken({ workflow: { state: 'CANCELLED' } })).toEqual(['it is CANCELLED, and nobody cancelled it']);
  expect(broken({ workflow: { state: 'CANCELLED' }, verbs: ['cancel-workflow'] })).toEqual([]);
  expect(broken({ each: { state: 'RUNNING' } })).toEqual([
    'it SUCCEEDED with SUCCEEDED, RUNNING',
    'node 1 is RUNNING',
  ]);
  expect(broken({ workflow: { seqs: [1, 3] } })).toEqual(['its trail has gaps']);
});

it('counts that are not those of the tasks, and tasks that are open', () => {
  expect(broken({ each: { succeeded: 3 } })).toEqual([
    'node 1 counts that 3 succeeded and 0 failed; of its tasks 2 and 0',
  ]);
  expect(broken({ tasks: [task(1)] })).toHaveLength(4);
  const open = [task(1), task(2, { state: 'RUNNING' })];
  expect(broken({ tasks: open, each: { succeeded: 1 } })).toEqual([
    'node 1 SUCCEEDED with 1 of 2 (2 tasks)',
    'its workflow is over, and it is RUNNING',
  ]);
});

it('an item twice in the record, or twice, not at all or with another output in the result', () => {
  const twin = { ...task(2), taskId: 'other' };
  expect(broken({ tasks: [...TASKS, twin], each: { succeeded: 3 } })).toContain(
    'it is the same item (1/1/2) as t2',
  );
  const withResult = (...entries: readonly unknown[]) =>
    broken({ workflow: { context: results(...entries) } });
  expect(withResult(entry(1), entry(1))).toEqual(['g.each: its result has items 1,1, its tasks are 1,2']);
  expect(withResult(entry(1))).toEqual(['g.each: its result has items 1, its tasks are 1,2']);
  expect(withResult(entry(1), entry(2, 1))).toEqual(['g.each: item 2 of its result is not that of its task']);
  expect(broken({ workflow: { context: {} } })).toHaveLength(1);
});

it('a document or a score that is of another number of items', () => {
  const withValue = (value: object) => broken({ workflow: { context: { 'outputs.g.each': value } } });
  expect(withValue({ result: {}, summary: { total: 2, succeeded: 2 } })).toEqual([]);
  expect(withValue({ result: {}, summary: { total: 2, succeeded: 1 } })).toEqual([
    'g.each: its result is of 1 items',
  ]);
  expect(withValue({ final_score: null, total: 2, succeeded: 2 })).toEqual([]);
  expect(withValue({ final_score: null, total: 3, succeeded: 3 })).toEqual([
    'g.each: its result is of 3 items',
  ]);
});

it('I2: a task of a workflow has the request id of its place', () => {
  const named = (requestId: string) =>
    checkTables({ tasks: [task(1)], events: [], requests: [{ requestId, taskId: 't1' }] }, []);
  expect(named('wf:w:1:1:1')).toEqual([]);
  expect(named('wf:w:1:1:2').map(({ message }) => message)).toEqual([
    'request wf:w:1:1:1 names nothing in the record',
    'request wf:w:1:1:2 names no task of the record',
  ]);
});
