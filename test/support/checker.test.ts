import { expect, it } from 'vitest';
import { check } from './checker.js';
import { broken, deed, type Step, setup, stepsOf, trail } from './checker-story.js';

it('a world in order has no violations', () => {
  const { task, events, history } = setup();
  expect(check(history, { tasks: [task], events })).toEqual([]);
});

it('an unanswered submission may be there or not', () => {
  const { task, events } = setup();
  const history = deed('submit', { requestId: 'r1', body: '{"n":1}' }, 'unknown', {});
  expect(check(history, { tasks: [task], events })).toEqual([]);
  expect(check(history, { tasks: [], events: [] })).toEqual([]);
});

it('a refused second body is in order', () => {
  const { task, events, history } = setup();
  const reuse = deed('submit', { requestId: 'r1', body: '{"n":2}' }, 'fail', { error: 'ALREADY_EXISTS' });
  expect(check([...history, ...reuse], { tasks: [task], events })).toEqual([]);
});

it('I1: an acknowledged submission that is not in the record', () => {
  const { history } = setup();
  expect(broken(history.slice(0, 2), { tasks: [], events: [] })).toEqual(['I1']);
});

it('I1: an acknowledged submission that never ends', () => {
  const { task, events, history } = setup();
  const stuck = { ...task, state: 'RUNNING' };
  const found = broken(history.slice(0, 2), { tasks: [stuck], events: events.slice(0, -1) });
  expect(found).toEqual(['I1']);
});

it('I1: a task that does not hold what was submitted', () => {
  const { task, events, history } = setup();
  expect(broken(history, { tasks: [{ ...task, body: '{"n":7}' }], events })).toEqual(['I1']);
});

it('I1: a task that ends otherwise than it must', () => {
  const { task, events } = setup();
  const history = deed('submit', { requestId: 'r1', body: '{"n":1}', endsAs: 'DEAD_LETTER' }, 'ok', {
    taskId: 't1',
  });
  expect(broken(history, { tasks: [task], events })).toEqual(['I1']);
});

it('I2: two tasks of one request', () => {
  const { task, events, history } = setup();
  const twin = { ...task, taskId: 't2' };
  const record = { tasks: [task, twin], events: [...events, ...events.map((e) => ({ ...e, taskId: 't2' }))] };
  expect(broken(history, record)).toEqual(['I2']);
});

it('I2: one request acknowledged as two tasks', () => {
  const { task, events, history } = setup();
  const again = deed('submit', { requestId: 'r1', body: '{"n":1}' }, 'ok', { taskId: 't2' });
  expect(broken([...history, ...again], { tasks: [task], events })).toContain('I2');
});

it('I2: another body accepted under the same request id', () => {
  const { task, events, history } = setup();
  const reuse = deed('submit', { requestId: 'r1', body: '{"n":2}' }, 'ok', { taskId: 't1' });
  expect(broken([...history, ...reuse], { tasks: [task], events })).toEqual(['I2']);
});

it('I2: a task that nobody submitted', () => {
  const { task, events } = setup();
  expect(broken([], { tasks: [task], events })).toEqual(['I2']);
});

it('I3: a second end in the same series', () => {
  const { task, events, history } = setup();
  const more = trail('t1', [...stepsOf(events), ['SUCCEEDED', 'SUCCEEDED', 2, 2, 'b']]);
  expect(broken(history, { tasks: [task], events: more })).toEqual(['I3']);
});

it('I3: an ended task that runs again without a retry', () => {
  const { task, events, history } = setup();
  const more = trail('t1', [...stepsOf(events), ['CLAIMED', 'ASSIGNED', 3, 3, 'c']]);
  expect(broken(history, { tasks: [task], events: more })).toEqual(['I3']);
});

it('I3: an acknowledged result that is not in the trail', () => {
  const { task, events, history } = setup();
  const other = deed(
    'result',
    { taskId: 't1', epoch: 1, resultId: 'z', outcome: 'SUCCEEDED' },
    'ok',
    {},
    'a',
  );
  expect(broken([...history.slice(0, 2), ...other], { tasks: [task], events })).toEqual(['I3']);
});

it('I3: two results acknowledged for one claim', () => {
  const { task, events, history } = setup();
  const other = deed(
    'result',
    { taskId: 't1', epoch: 2, resultId: 'z', outcome: 'SUCCEEDED' },
    'ok',
    {},
    'b',
  );
  expect(broken([...history, ...other], { tasks: [task], events })).toEqual(['I3']);
});

it('I3: an output of another epoch than the success', () => {
  const { task, events, history } = setup();
  expect(broken(history, { tasks: [{ ...task, output: { epoch: 1 } }], events })).toEqual(['I3']);
});

it('I3: an end that somebody was told of and that is another now', () => {
  const { task, events, history } = setup();
  const told = (state: string) => deed('wait', { taskId: 't1' }, 'ok', { state });
  expect(broken([...history, ...told('SUCCEEDED')], { tasks: [task], events })).toEqual([]);
  expect(broken([...history, ...told('DEAD_LETTER')], { tasks: [task], events })).toEqual(['I3']);
});

it('I4: a result of a passed epoch in the trail', () => {
  const { task, events, history } = setup();
  const stale = events.map((e) => (e.type === 'SUCCEEDED' ? { ...e, epoch: 1, agentId: 'a' } : e));
  expect(broken(history.slice(0, 2), { tasks: [{ ...task, output: {} }], events: stale })).toEqual(['I4']);
});

it('I4: a result from an agent that does not hold the lease', () => {
  const { task, events, history } = setup();
  const foreign = events.map((e) => (e.type === 'SUCCEEDED' ? { ...e, agentId: 'a' } : e));
  expect(broken(history.slice(0, 2), { tasks: [task], events: foreign })).toEqual(['I4']);
});

it('I4: an epoch that does not rise', () => {
  const { task, events, history } = setup();
  const flat = events.map((e) => (e.epoch === 2 ? { ...e, epoch: 1 } : e));
  expect(broken(history.slice(0, 2), { tasks: [{ ...task, epoch: 1, output: {} }], events: flat })).toEqual([
    'I4',
  ]);
});

it('I4: one epoch given to two agents', () => {
  const { task, events, history } = setup();
  const twice = deed('assigned', { taskId: 't1', epoch: 2 }, 'ok', {}, 'c');
  expect(broken([...history, ...twice], { tasks: [task], events })).toEqual(['I4']);
});

it.each(['renew', 'progress'] as const)('I4: a %s confirmed after a later epoch was given out', (verb) => {
  const { task, events, history } = setup();
  const stale = deed(verb, { taskId: 't1', epoch: 1 }, 'ok', {}, 'a');
  expect(broken([...history, ...stale], { tasks: [task], events })).toEqual(['I4']);
});

it('I7: a cancelled task that is accepted afterwards', () => {
  const { task } = setup();
  const events = trail('t1', [
    ['SUBMITTED', 'QUEUED', 0, 0, null],
    ['CLAIMED', 'ASSIGNED', 1, 1, 'a'],
    ['CANCEL_REQUESTED', 'CANCELLING', 1, 1, 'a'],
    ['CANCELLED', 'CANCELLED', 1, 1, 'a'],
    ['ACCEPTED', 'RUNNING', 1, 1, 'a'],
  ]);
  const history = deed('submit', { requestId: 'r1', body: '{"n":1}' }, 'ok', { taskId: 't1' });
  expect(broken(history, { tasks: [{ ...task, state: 'SUCCEEDED' }], events })).toEqual(['I7']);
});

it('I7: a cancellation that was acknowledged and undone', () => {
  const { task, events, history } = setup();
  const cancel = deed('cancel', { taskId: 't1' }, 'ok', { state: 'CANCELLED' });
  expect(broken([...history, ...cancel], { tasks: [task], events })).toEqual(['I7']);
});

it('I7: a renewal confirmed after CANCELLED was acknowledged', () => {
  const { task } = setup();
  const events = trail('t1', [
    ['SUBMITTED', 'QUEUED', 0, 0, null],
    ['CANCELLED', 'CANCELLED', 0, 0, null],
  ]);
  const row = { ...task, state: 'CANCELLED', epoch: 0, attempt: 0, agentId: null, output: undefined };
  const history = [
    ...deed('submit', { requestId: 'r1', body: '{"n":1}' }, 'ok', { taskId: 't1' }),
    ...deed('cancel', { taskId: 't1' }, 'ok', { state: 'CANCELLED' }),
  ];
  const record = { tasks: [row], events };
  expect(broken(history, record)).toEqual([]);
  const late = deed('renew', { taskId: 't1', epoch: 1 }, 'ok', {}, 'a');
  expect(broken([...history, ...late], record)).toEqual(['I7']);
});

it('I10: a gap in the trail', () => {
  const { task, events, history } = setup();
  expect(broken(history, { tasks: [task], events: events.filter((e) => e.seq !== 5) })).toEqual(['I10']);
});

it('I10: a row that its trail does not lead to', () => {
  const { task, events, history } = setup();
  expect(broken(history, { tasks: [{ ...task, agentId: 'c' }], events })).toEqual(['I10']);
  expect(broken(history, { tasks: [{ ...task, attempt: 1 }], events })).toEqual(['I10']);
});

it('I10: a trail without a task', () => {
  const { task, events, history } = setup();
  const orphan = trail('t9', [['SUBMITTED', 'QUEUED', 0, 0, null]]);
  expect(broken(history, { tasks: [task], events: [...events, ...orphan] })).toEqual(['I10']);
});

it('I13: more attempts than the task allows', () => {
  const { task, events } = setup();
  const history = deed('submit', { requestId: 'r1', body: '{"n":1}', maxAttempts: 1 }, 'ok', {
    taskId: 't1',
  });
  expect(broken(history, { tasks: [task], events })).toEqual(['I13']);
});

it('I13: an attempt given back more often than a task is delivered', () => {
  const { task } = setup();
  const history = deed('submit', { requestId: 'r1', body: '{"n":1}', maxAttempts: 1 }, 'ok', {
    taskId: 't1',
  });
  const steps: Step[] = [['SUBMITTED', 'QUEUED', 0, 0, null]];
  for (let n = 1; n <= 4; n++) {
    steps.push(['CLAIMED', 'ASSIGNED', n, 1, 'a'], ['RETURNED', 'QUEUED', n, 0, 'a']);
  }
  const row = { ...task, state: 'QUEUED', epoch: 4, attempt: 0, agentId: 'a', output: undefined };
  expect(broken(history, { tasks: [row], events: trail('t1', steps) })).toContain('I13');
});

it('what was sent back for a person counts as no delivery', () => {
  const { task } = setup();
  const history = deed('submit', { requestId: 'r1', body: '{"n":1}', maxAttempts: 1 }, 'ok', {
    taskId: 't1',
  });
  const steps: Step[] = [['SUBMITTED', 'QUEUED', 0, 0, null]];
  const claimed = (n: number): Step => ['CLAIMED', 'ASSIGNED', n, 1, 'a'];
  for (let n = 1; n <= 3; n++) {
    steps.push(claimed(n), ['ACCEPTED', 'RUNNING', n, 1, 'a'], ['PREEMPTION_BEGUN', 'PREEMPTING', n, 1, 'a']);
    steps.push(['PREEMPTED', 'QUEUED', n, 0, 'a']);
  }
  steps.push(claimed(4), ['RETURNED', 'QUEUED', 4, 0, 'a']);
  const row = { ...task, state: 'QUEUED', epoch: 4, attempt: 0, agentId: 'a', output: undefined };
  expect(broken(history, { tasks: [row], events: trail('t1', steps) })).not.toContain('I13');
});
