import { expect, it } from 'vitest';
import { checkIndex, type IndexView } from './checker-index.js';
import type { RecordedTask } from './checker-record.js';

const BASE = { epoch: 1, attempt: 1, series: 0, requestId: null };
const TASKS: RecordedTask[] = [
  { ...BASE, taskId: 'q1', state: 'QUEUED', agentId: null },
  { ...BASE, taskId: 'q2', state: 'QUEUED', agentId: 'a' },
  { ...BASE, taskId: 's1', state: 'SCHEDULED', agentId: 'a' },
  { ...BASE, taskId: 'r1', state: 'RUNNING', agentId: 'a' },
  { ...BASE, taskId: 'r2', state: 'ASSIGNED', agentId: 'b' },
  { ...BASE, taskId: 'e1', state: 'SUCCEEDED', agentId: 'b' },
];
const VIEW: IndexView = {
  by: 'coordinator 1',
  waiting: ['q2', 'q1'],
  delayed: 1,
  reserved: 0,
  slots: 2,
  inFlight: { a: 1, b: 1, c: 0 },
};
const broken = (change: Partial<IndexView>) =>
  checkIndex({ ...VIEW, ...change }, { tasks: TASKS }).map(({ invariant }) => invariant);

it('an index that is the record has no violations', () => {
  expect(broken({})).toEqual([]);
});

it.each([
  ['I12: a queued task in no lane', { waiting: ['q1'] }, ['I12']],
  ['I12: a lane with a task that has ended', { waiting: ['q1', 'q2', 'e1'] }, ['I12']],
  ['I12: a lane with a task that runs', { waiting: ['q1', 'q2', 'r1'] }, ['I12']],
  ['I12: a task in two lanes', { waiting: ['q1', 'q2', 'q1'] }, ['I12']],
  ['I12: a scheduled task that is not delayed', { delayed: 0 }, ['I12']],
  ['I12: a reservation at rest', { reserved: 1 }, ['I12']],
  ['I9: a slot that nobody holds', { slots: 3 }, ['I9']],
  ['I9: a lease that has no slot', { slots: 1 }, ['I9']],
  ['I9: an agent that is said to hold what it does not', { inFlight: { a: 1, b: 1, c: 1 } }, ['I9']],
  ['I9: an agent that is not said to hold what it does', { inFlight: { a: 1 } }, ['I9']],
  ['I9: a lease said to be with the wrong agent', { inFlight: { a: 2 } }, ['I9', 'I9']],
])('%s', (_name, change, invariants) => {
  expect(broken(change)).toEqual(invariants);
});
