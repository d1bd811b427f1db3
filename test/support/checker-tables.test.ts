import { expect, it } from 'vitest';
import type { Deed } from './checker-history.js';
import type { RecordedTask, RecordSnapshot } from './checker-record.js';
import { checkTables } from './checker-tables.js';

const TASK: RecordedTask = {
  taskId: 't1',
  state: 'SUCCEEDED',
  epoch: 1,
  attempt: 1,
  series: 0,
  agentId: 'a',
  requestId: 'r1',
};
const RESULT = { taskId: 't1', epoch: 1, series: 0, resultId: 'x', outcome: 'SUCCEEDED' };
const REQUEST = { requestId: 'r1', taskId: 't1' };

function broken(changes: Partial<RecordSnapshot>, results: readonly Deed[] = []): string[] {
  const record = { tasks: [TASK], events: [], results: [RESULT], requests: [REQUEST], ...changes };
  return checkTables(record, results).map(({ invariant, message }) => `${invariant}: ${message}`);
}

function acknowledged(resultId: string): Deed {
  const invoke = {
    at: 1,
    by: 'a',
    op: 1,
    verb: 'result',
    type: 'invoke',
    taskId: 't1',
    epoch: 1,
    resultId,
  } as const;
  return { invoke, end: { ...invoke, at: 2, type: 'ok' } };
}

it('tables in order have no violations', () => {
  expect(broken({}, [acknowledged('x')])).toEqual([]);
  expect(checkTables({ tasks: [TASK], events: [] }, [])).toEqual([]);
});

it('I2: a request id that names another task, or none', () => {
  expect(broken({ requests: [{ requestId: 'r1', taskId: 't2' }] })).toEqual([
    'I2: request r1 names t2 in the record',
  ]);
  expect(broken({ requests: [] })).toEqual(['I2: request r1 names nothing in the record']);
  expect(broken({ requests: [REQUEST, { requestId: 'r2', taskId: 't2' }] })).toEqual([
    'I2: request r2 names no task of the record',
  ]);
});

it('I3: two results of one claim, and two successes in one series', () => {
  expect(broken({ results: [RESULT, { ...RESULT, outcome: 'FAILED', resultId: 'y' }] })).toEqual([
    'I3: two results of epoch 1',
  ]);
  expect(broken({ results: [RESULT, { ...RESULT, epoch: 2, resultId: 'y' }] })).toEqual([
    'I3: two successes in series 0',
  ]);
});

it('I3: an acknowledged result in whose place another stands', () => {
  expect(broken({}, [acknowledged('y')])).toEqual([
    'I3: the result of epoch 1 that was acknowledged is not the one in the record',
  ]);
});
