import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import { describe, expect, test } from 'vitest';
import type { World } from './task-record-world.js';

const hash = (byte: number) => new Uint8Array(32).fill(byte);

export function testSubmitting(world: () => World): void {
  describe('submitTasks', () => {
    test('writes the task as it was asked for, with its first event', async () => {
      const w = world();
      const parent = await w.submit();
      const body = new Uint8Array([0, 1, 92, 34, 255]);
      const task = w.newTask(
        {
          kind: 'a.b',
          tier: 'URGENT',
          source: 'HUMAN',
          labels: { file: 'ü "q" \\ {x}, NULL', ['__proto__']: 'inert', constructor: 'inert' },
          submitterSubjectId: 'carol',
          parentTaskId: parent,
          requirements: {
            agentType: 'WORKER',
            capabilities: ['a.b', 'c'],
            services: ['s'],
            tags: ['t'],
            region: 'eu',
            minHealth: 0.25,
            agentId: 'a1',
            prefer: { region: 'eu', location: { latitude: 52.5, longitude: 13.4 } },
            roles: ['r1'],
            pool: '["js",["r1"],null]',
            balancing: 'RANDOM',
            route: { by: 'STATIC', epoch: 0, agentId: 'a1', until: 1_700_000_000_789, fallback: true },
            keys: { limits: ['api', 'customer/7'], fairness: 'customer/7', affinity: 'session-1' },
          },
          retry: { maxAttempts: 7, initialBackoffMs: 10, maxBackoffMs: 20, backoffMultiplier: 1.5 },
          attemptTimeoutMs: 1_500,
          runAt: 1_700_000_000_456,
          body,
        },
        { createTime: 1_700_000_000_123, score: -5, actor: 'dave' },
      );
      const [outcome] = await w.record.submitTasks([task]);

      expect(outcome).toMatchObject({
        kind: 'SUBMITTED',
        change: { org: w.org, taskId: task.taskId, seq: 1, state: 'QUEUED' },
        lease: null,
      });
      expect(await w.get(task.taskId)).toEqual({
        org: w.org,
        taskId: task.taskId,
        state: 'QUEUED',
        tier: 'URGENT',
        score: -5,
        epoch: 0,
        series: 0,
        attempt: 0,
        deliveries: 0,
        preemptions: 0,
        agentId: null,
        pending: 0,
        reason: '',
        seq: 1,
        createTime: 1_700_000_000_123,
        runnableTime: 1_700_000_000_123,
        runTime: null,
        startTime: null,
        finishTime: null,
        spec: task.spec,
        hasCheckpoint: false,
        workflow: null,
        result: null,
      });
      expect(await w.events(task.taskId)).toEqual([
        {
          taskId: task.taskId,
          seq: 1,
          type: 'SUBMITTED',
          state: 'QUEUED',
          eventTime: expect.any(Number),
          epoch: 0,
          attempt: 0,
          series: 0,
          agentId: null,
          actorSubjectId: 'dave',
          reason: '',
          detail: { tier: 'URGENT', source: 'HUMAN', kind: 'a.b', score: -5 },
        },
      ]);
      await w.expectConsistent(task.taskId);
    });

    test('with a time to run it is SCHEDULED until then, runnable from then on', async () => {
      const w = world();
      const [soon, later] = [Date.now() - 5_000, Date.now() + 3_600_000];
      const tasks = [soon, later].map((runAt) => w.newTask({ runAt }, { runTime: runAt }));
      const [a = '', b = ''] = tasks.map(({ taskId }) => taskId);
      const outcomes = await w.record.submitTasks(tasks);

      expect(outcomes[1]).toMatchObject({
        kind: 'SUBMITTED',
        change: { org: w.org, taskId: b, seq: 1, state: 'SCHEDULED' },
        lease: null,
      });
      expect(await w.get(b)).toMatchObject({ state: 'SCHEDULED', runTime: later, runnableTime: null });
      expect((await w.events(b))[0]).toMatchObject({ type: 'SUBMITTED', state: 'SCHEDULED' });
      expect((await w.events(b))[0]?.detail).toHaveProperty('run_time');
      expect(await w.tryClaim(b)).toMatchObject({ kind: 'REFUSED', state: 'SCHEDULED' });

      const promoted = await w.record.promoteTasks([a, b].map((taskId) => ({ org: w.org, taskId })));
      expect(promoted.map((o) => o.kind)).toEqual(['OK', 'NOT_DUE']);
      expect(await w.get(a)).toMatchObject({ state: 'QUEUED', runTime: null, runnableTime: soon });
      await w.expectConsistent(a);
      await w.expectConsistent(b);
    });

    test('born assigned: submitted and claimed in one go, as if one came after the other', async () => {
      const w = world();
      const spec = { attemptTimeoutMs: 2_500 };
      const claim = { agentId: 'agent-1', acceptWithinMs: 60_000, requestId: null };
      const tasks = [w.newTask(), w.newTask(spec, { claim, actor: 'dave' })];
      const outcomes = await w.record.submitTasks(tasks);
      const taskId = tasks[1]?.taskId ?? '';
      const twoSteps = await w.claim(await w.submit(spec, { actor: 'dave' }));

      expect(outcomes.map((o) => o.kind === 'SUBMITTED' && o.change.state)).toEqual(['QUEUED', 'ASSIGNED']);
      expect(outcomes[1]).toMatchObject({
        kind: 'SUBMITTED',
        change: { org: w.org, taskId, seq: 2, state: 'ASSIGNED' },
        lease: { ...twoSteps, taskId },
      });
      const [born, stepped] = await Promise.all([w.get(taskId), w.get(twoSteps.taskId)]);
      const times = { createTime: 0, runnableTime: 0, startTime: 0, score: 0, taskId: '' };
      expect({ ...born, ...times }).toEqual({ ...stepped, ...times });
      expect(Math.abs((born.startTime ?? 0) - Date.now())).toBeLessThan(60_000);
      const trail = (await w.events(taskId)).map(({ type, state, epoch, agentId, actorSubjectId }) => {
        return [type, state, epoch, agentId, actorSubjectId];
      });
      expect(trail).toEqual([
        ['SUBMITTED', 'QUEUED', 0, null, 'dave'],
        ['CLAIMED', 'ASSIGNED', 1, 'agent-1', ''],
      ]);
      const held = await w.record.getLeases([{ org: w.org, taskId, epoch: 1 }]);
      expect(held[0]?.remainingMs).toBeGreaterThan(50_000);
      await w.expectConsistent(taskId);
    });

    test('a repeat of a request finds the task of the first, as it is by then', async () => {
      const w = world();
      const request = { requestId: randomUUID(), bodyHash: hash(1) };
      const first = w.newTask({}, { request });
      await w.record.submitTasks([first]);
      await w.claim(first.taskId);

      const repeat = w.newTask({}, { request });
      expect(await w.record.submitTasks([repeat])).toEqual([
        {
          kind: 'ALREADY_SUBMITTED',
          change: { org: w.org, taskId: first.taskId, seq: 2, state: 'ASSIGNED' },
        },
      ]);
      expect(await w.record.getTasks(w.org, [repeat.taskId], 'BASIC')).toEqual([null]);
    });

    test('a request id with another body is refused', async () => {
      const w = world();
      const requestId = randomUUID();
      const first = await w.submit({}, { request: { requestId, bodyHash: hash(1) } });
      const other = w.newTask({}, { request: { requestId, bodyHash: hash(2) } });

      expect(await w.record.submitTasks([other])).toEqual([{ kind: 'REQUEST_ID_REUSED', taskId: first }]);
    });

    test('a request id belongs to its organisation', async () => {
      const [a, b] = [world(), world()];
      const request = { requestId: randomUUID(), bodyHash: hash(1) };
      const ids = [await a.submit({}, { request }), await b.submit({}, { request })];

      expect(ids[0]).not.toBe(ids[1]);
    });

    test('the same request twice in one batch is one task', async () => {
      const w = world();
      const request = { requestId: randomUUID(), bodyHash: hash(1) };
      const tasks = [w.newTask({}, { request }), w.newTask(), w.newTask({}, { request })];
      const outcomes = await w.record.submitTasks(tasks);

      expect(outcomes.map((o) => o.kind)).toEqual(['SUBMITTED', 'SUBMITTED', 'ALREADY_SUBMITTED']);
      expect(outcomes[2]).toMatchObject({ change: { taskId: tasks[0]?.taskId } });
    });

    test('fifty concurrent repeats of a request are one task', async () => {
      const w = world();
      const request = { requestId: randomUUID(), bodyHash: hash(1) };
      const calls = Array.from({ length: 50 }, () => w.record.submitTasks([w.newTask({}, { request })]));
      const outcomes = (await Promise.all(calls)).flat();
      const ids = outcomes.map((o) => ('change' in o ? o.change.taskId : o.kind));

      expect(new Set(ids).size).toBe(1);
      expect(outcomes.filter((o) => o.kind === 'SUBMITTED')).toHaveLength(1);
    });

    test('a parent has to exist in the same organisation', async () => {
      const w = world();
      const elsewhere = await world().submit();
      const request = { requestId: randomUUID(), bodyHash: hash(1) };
      const tasks = [
        w.newTask({ parentTaskId: v7() }, { request }),
        w.newTask({ parentTaskId: elsewhere }),
        w.newTask(),
      ];
      const outcomes = await w.record.submitTasks(tasks);

      expect(outcomes.map((o) => o.kind)).toEqual(['PARENT_NOT_FOUND', 'PARENT_NOT_FOUND', 'SUBMITTED']);
      await w.submit({}, { request });
    });

    test('rows that the store cannot hold are refused alone', async () => {
      const w = world();
      const tasks = Array.from({ length: 40 }, (_, i) => {
        if (i === 7) return w.newTask({ labels: { a: 'NUL \u0000' } });
        if (i === 23) return w.newTask({ kind: 'NUL \u0000' });
        return w.newTask({ labels: { i: String(i) } });
      });
      const outcomes = await w.record.submitTasks(tasks);

      expect(outcomes.flatMap((o, i) => (o.kind === 'INVALID' ? [i] : []))).toEqual([7, 23]);
      const stored = await w.record.getTasks(
        w.org,
        tasks.map((t) => t.taskId),
        'BASIC',
      );
      expect(stored.flatMap((task, i) => (task ? [] : [i]))).toEqual([7, 23]);
      expect(stored[39]?.spec.labels).toEqual({ i: '39' });
    });

    test('outcomes stand in the order of the items, bodies with their tasks', async () => {
      const w = world();
      const tasks = Array.from({ length: 60 }, (_, i) => w.newTask({ body: new Uint8Array(i).fill(i) }));
      const shuffled = [...tasks].sort(() => Math.random() - 0.5);
      const outcomes = await w.record.submitTasks(shuffled);

      expect(outcomes.map((o) => ('change' in o ? o.change.taskId : ''))).toEqual(
        shuffled.map((t) => t.taskId),
      );
      const stored = await w.record.getTasks(
        w.org,
        tasks.map((t) => t.taskId),
        'FULL',
      );
      expect(stored.map((t) => t?.spec.body)).toEqual(tasks.map((t) => t.spec.body));
    });

    test('a payload larger than a batch goes through', async () => {
      const w = world();
      const body = new Uint8Array(600_000).map((_, i) => i % 251);
      const tasks = [w.newTask(), w.newTask({ body }), w.newTask()];
      const outcomes = await w.record.submitTasks(tasks);

      expect(outcomes.map((o) => o.kind)).toEqual(['SUBMITTED', 'SUBMITTED', 'SUBMITTED']);
      const stored = (await w.get(tasks[1]?.taskId ?? '')).spec.body;
      expect(Buffer.compare(stored, body)).toBe(0);
    });

    test('a batch of none is none', async () => {
      expect(await world().record.submitTasks([])).toEqual([]);
    });
  });
}
