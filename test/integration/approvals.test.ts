import { agent, type TaskEventInfo, type TaskRequest } from '@reeve/sdk';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { EmbeddedCoordinator } from '../../src/embedded.js';
import { all } from '../support/all-of.js';
import { openEmbedded } from '../support/embedded.js';
import { openOrg } from '../support/org-steering.js';
import { refusal } from '../support/refusal.js';
import { silent } from '../support/steps.js';

let coordinator: EmbeddedCoordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

type Org = ReturnType<typeof openOrg>;

/** An organisation whose tasks are approved by a policy in CEL. */
async function setup(cel?: string, onError?: 'REJECT' | 'ACCEPT' | 'DEFAULT') {
  const org = openOrg(coordinator);
  if (cel !== undefined) {
    await org.client.policies.put({ policyId: 'gate', kind: 'APPROVAL', cel, ...(onError && { onError }) });
    await org.set('approval_policy', 'gate');
  }
  return org;
}

/** Does what it gets, and writes down in which order it came. */
async function worker({ org }: Org, slots = 1) {
  const done: string[] = [];
  const it = agent({ agentId: 'worker', address: coordinator.address, org, slots, log: silent });
  it.handle('step', async (_input, { task }) => {
    done.push(task.labels.name ?? '');
    return task.labels.name ?? '';
  });
  await it.start();
  onTestFinished(() => it.stop());
  return done;
}

const step = (name: string, more: Partial<TaskRequest> = {}): TaskRequest => ({
  kind: 'step',
  labels: { name },
  ...more,
});

/** The task once it is as it is waited for. */
async function becomes({ client }: Org, taskId: string, state: string) {
  for await (const task of client.watch(taskId)) if (task.state === state) return task;
  throw new Error(`it ended otherwise than ${state}`);
}

const ASKS = "{'needs_human': true, 'reason': 'it is dear'}";

describe('a task that its policy accepts', () => {
  test('goes on, and its trail says what was asked and answered', async () => {
    const org = await setup("{'accepted': task.labels.name == 'a', 'reason': 'it is a'}");
    await worker(org);
    const task = await org.client.submit(step('a'));
    expect(await task.wait()).toBe('a');
    const [submitted] = (await all(org.client.events(task.taskId))) as [TaskEventInfo];
    expect(submitted.detail).toMatchObject({
      decisions: [
        {
          kind: 'APPROVAL',
          policyId: 'gate',
          version: 1,
          output: { accepted: true, reason: 'it is a' },
          failure: null,
        },
      ],
    });
    const { input } = (submitted.detail.decisions as { input: object }[])[0] ?? {};
    expect(input).toEqual({ task: { labels: { name: 'a' } }, org: {}, now: expect.any(Number) });
  });
});

describe('a task that its policy rejects', () => {
  test('is refused with the reason, and stored; a repeat is refused alike', async () => {
    const org = await setup("{'accepted': task.goal != '', 'reason': 'say what it is for'}");
    const error = await refusal(org.client.submit(step('a', { requestId: 'once' })));
    expect(error).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'REJECTED_BY_POLICY' });
    expect(error.message).toContain('say what it is for');
    const taskId = error.metadata.task_id ?? '';
    expect(await org.client.get(taskId)).toMatchObject({ state: 'REJECTED', reason: 'say what it is for' });
    expect(await all(org.client.events(taskId))).toMatchObject([{ type: 'SUBMITTED', state: 'REJECTED' }]);

    const again = await refusal(org.client.submit(step('a', { requestId: 'once' })));
    expect(again.metadata).toEqual(error.metadata);
    expect(again.message).toBe(error.message);
    expect((await refusal(org.client.retry(taskId))).reason).toBe('TASK_NOT_RETRYABLE');
  });

  test('does not keep the others of its batch from going on', async () => {
    const org = await setup("task.labels.name != 'b'");
    const outcomes = await org.client.submitMany(['a', 'b', 'c'].map((name) => step(name)));
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true]);
  });

  test.each([
    ['REJECT', false],
    ['ACCEPT', true],
    ['DEFAULT', false],
  ] as const)('a policy that fails, with on_error %s: accepted %s', async (onError, accepted) => {
    const org = await setup("int(task.labels['number']) > 3", onError);
    const [outcome] = await org.client.submitMany([step('a')]);
    expect(outcome?.ok).toBe(accepted);
    if (outcome?.ok === false) expect(outcome.error.message).toContain('ERROR');
    expect((await org.client.submitMany([step('b', { labels: { number: '4' } })]))[0]?.ok).toBe(true);
  });

  test('a policy of its own that there is not rejects it', async () => {
    const org = await setup();
    const error = await refusal(org.client.submit(step('a', { policies: { approval: 'none' } })));
    expect(error.message).toContain('policy none does not exist');
  });
});

describe('a task that waits for a person', () => {
  test('is listed, and goes on when it is approved', async () => {
    const org = await setup(ASKS);
    const done = await worker(org);
    const { taskId, state, notes } = await org.client.submit(step('a', { goal: 'buy it' }));
    expect(state).toBe('AWAITING_APPROVAL');
    expect(notes).toEqual([expect.stringMatching(/until 2.*Z, and is rejected .*: it is dear$/)]);
    const [asked, ...others] = await all(org.client.approvals.list());
    expect(others).toEqual([]);
    expect(asked).toMatchObject({
      taskId,
      kind: 'step',
      goal: 'buy it',
      reason: 'it is dear',
      policyId: 'gate',
      policyVersion: 1,
      defaultVerdict: 'REJECT',
      approver: '',
    });
    expect((asked?.dueTime.getTime() ?? 0) - (asked?.createTime.getTime() ?? 0)).toBeGreaterThan(86_000_000);
    expect(done).toEqual([]);

    await org.client.approvals.approve(taskId, { reason: 'go' });
    expect(await org.client.wait(taskId)).toBe('a');
    expect(await all(org.client.approvals.list())).toEqual([]);
    expect(await all(org.client.approvals.list({ all: true }))).toMatchObject([
      { taskId, verdict: 'APPROVE', approver: 'anonymous', verdictReason: 'go' },
    ]);
    const events = await all(org.client.events(taskId));
    expect(events[1]).toMatchObject({ type: 'APPROVED', actorSubjectId: 'anonymous', reason: 'go' });
    await org.client.approvals.approve(taskId);
    expect((await refusal(org.client.approvals.reject(taskId))).reason).toBe('TASK_NOT_AWAITING_APPROVAL');
  });

  test('is REJECTED when it is rejected, and who waits for it is skipped', async () => {
    const org = await setup("{'accepted': task.dependencies > 0, 'needs_human': task.dependencies == 0}");
    const { taskId } = await org.client.submit(step('a'));
    const dependent = await org.client.submit(step('b', { dependsOn: [taskId] }));
    const task = await org.client.approvals.reject(taskId, { reason: 'too dear' });
    expect(task).toMatchObject({ state: 'REJECTED', reason: 'too dear' });
    expect(await becomes(org, dependent.taskId, 'SKIPPED')).toMatchObject({ reason: 'UPSTREAM_FAILED' });
    expect(await org.client.approvals.reject(taskId)).toMatchObject({ state: 'REJECTED' });
    expect((await refusal(org.client.approvals.approve(taskId))).code).toBe('FAILED_PRECONDITION');
  });

  test('is skipped after its approval if what it depends on failed meanwhile', async () => {
    const org = await setup("{'accepted': task.dependencies == 0, 'needs_human': task.dependencies > 0}");
    const upstream = await org.client.submit(step('a'));
    const { taskId } = await org.client.submit(step('b', { dependsOn: [upstream.taskId] }));
    await upstream.cancel();
    await org.client.approvals.approve(taskId);
    expect(await becomes(org, taskId, 'SKIPPED')).toMatchObject({ reason: 'UPSTREAM_FAILED' });
  });

  test.each(['APPROVE', 'REJECT'] as const)(
    'is decided by the default, %s, when nobody says anything',
    async (verdict) => {
      const org = await setup("{'needs_human': true, 'due': duration('1s')}");
      await org.set('approval_default', verdict);
      await worker(org);
      const { taskId } = await org.client.submit(step('a'));
      const [asked] = await all(org.client.approvals.list());
      const ended = await becomes(org, taskId, verdict === 'APPROVE' ? 'SUCCEEDED' : 'REJECTED');
      const [, said] = await all(org.client.events(ended.taskId));
      expect(said).toMatchObject({
        reason: 'APPROVAL_DUE',
        actorSubjectId: '',
        detail: { by_default: true },
      });
      const lateMs = (said?.eventTime.getTime() ?? 0) - (asked?.dueTime.getTime() ?? 0);
      expect(lateMs).toBeGreaterThanOrEqual(0);
      expect(lateMs).toBeLessThan(5_000);
    },
  );

  test('is asked about no more once it was cancelled, and again when it is retried', async () => {
    const org = await setup(ASKS);
    const { taskId } = await org.client.submit(step('a'));
    expect(await org.client.cancel(taskId)).toMatchObject({ state: 'CANCELLED' });
    expect(await all(org.client.approvals.list())).toEqual([]);
    expect(await org.client.retry(taskId)).toMatchObject({ state: 'AWAITING_APPROVAL' });
    expect(await all(org.client.approvals.list())).toMatchObject([{ taskId }]);
  });

  test('pages lead to all of them', async () => {
    const org = await setup(ASKS);
    const outcomes = await org.client.submitMany(Array.from({ length: 230 }, (_, i) => step(`${i}`)));
    const ids = outcomes.map((outcome) => (outcome.ok ? outcome.task.taskId : ''));
    const listed = await all(org.client.approvals.list());
    expect(listed.map(({ taskId }) => taskId).sort()).toEqual(ids.sort());
    const newest = await all(org.client.approvals.list({ all: true }));
    expect(newest.map(({ taskId }) => taskId)).toEqual(ids.sort().reverse());
    expect(await all(org.client.approvals.list({ limit: 3 }))).toHaveLength(3);
  });
});

describe('priority', () => {
  test('by a policy: who runs first is seen, and a sub-task goes by it as any', async () => {
    const org = openOrg(coordinator);
    const cel = 'task.parent_task_id != "" ? 1000 : task.urgency';
    await org.client.policies.put({ policyId: 'rank', kind: 'PRIORITY', cel });
    await org.set('priority_policy', 'rank');
    const low = await org.client.submit(step('low', { urgency: 300, tier: 'CRITICAL' }));
    await org.client.submit(step('middle', { urgency: 600, tier: 'LOW' }));
    await org.client.submit(step('high', { urgency: 900 }));
    await org.client.submit(step('part', { parentTaskId: low.taskId }));
    const done = await worker(org);
    await low.wait();
    expect(done).toEqual(['part', 'high', 'middle', 'low']);
  });

  test('by a formula of the organisation, in force for what comes afterwards', async () => {
    const org = openOrg(coordinator);
    await org.set('priority_formula', 'submitter');
    const first = await org.client.submit(step('first', { priority: 100 }));
    await org.client.submit(step('second', { priority: 900 }));
    await org.set('priority_formula', 'weighted');
    await org.client.submit(step('third', { urgency: 1_000, impact: 1_000 }));
    const done = await worker(org);
    await first.wait();
    expect(done).toEqual(['third', 'second', 'first']);
  });

  test('the longest wait is not made up from what the tier is worth elsewhere', async () => {
    const org = openOrg(coordinator);
    await org.set('priority_formula', 'fcfs');
    await org.client.submit(step('a', { tier: 'CRITICAL' }));
    const waited = async () => {
      const { tiers } = await org.client.queue.stats();
      return tiers.find(({ tier }) => tier === 'CRITICAL')?.oldestWaitMs ?? -1;
    };
    // By a head start of 48 h it would be runnable in two days only, and would not have waited at all.
    await expect.poll(waited).toBeGreaterThan(20);
    expect(await waited()).toBeLessThan(60_000);
  });

  test('by an expression of the organisation', async () => {
    const org = openOrg(coordinator);
    await org.set('priority_formula', 'weighted');
    await org.set('priority_expression', "task.labels.name == 'b' ? duration('10h') : duration('0s')");
    const first = await org.client.submit(step('a'));
    await org.client.submit(step('b'));
    const done = await worker(org);
    await first.wait();
    expect(done).toEqual(['b', 'a']);
  });

  test('a task that is changed is weighed again, and by its tier when the policy fails', async () => {
    const org = openOrg(coordinator);
    const put = { policyId: 'rank', kind: 'PRIORITY' } as const;
    await org.client.policies.put({ ...put, cel: "'up' in task.labels ? 1000 : 0", onError: 'REJECT' });
    await org.set('priority_policy', 'rank');
    const a = await org.client.submit(step('a'));
    const b = await org.client.submit(step('b'));
    await org.client.update(b.taskId, { labels: { name: 'b', up: '' } });
    await org.client.policies.put({ ...put, cel: "int(task.labels['none'])", onError: 'REJECT' });
    const c = await refusal(org.client.submit(step('c')));
    expect(c.message).toContain('priority policy rank gave no answer');
    expect(await org.client.update(a.taskId, { tier: 'HIGH' })).toMatchObject({ tier: 'HIGH' });
    const done = await worker(org);
    await a.wait();
    expect(done).toEqual(['b', 'a']);
  });
});

describe('the job parser', () => {
  test('refuses what breaks the schema of its kind, with a violation a problem', async () => {
    const org = openOrg(coordinator);
    await org.putKind({
      kind: 'step',
      requiredFields: ['goal'],
      inputSchema: { type: 'object', properties: { pages: { type: 'array', items: { type: 'integer' } } } },
    });
    const error = await refusal(org.client.submit(step('a', { input: { pages: ['x'] } })));
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'JOB_INVALID' });
    expect(error.violations.map(({ field }) => field)).toEqual(['task.goal', 'task.input/pages/0']);
    expect((await org.client.submit(step('a', { goal: 'read', input: { pages: [1] } }))).state).toBe(
      'QUEUED',
    );
    expect(await all(org.client.list())).toHaveLength(1);
  });
});
