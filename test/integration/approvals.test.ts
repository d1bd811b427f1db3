import type { TaskEventInfo } from '@reeve/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EmbeddedCoordinator } from '../../src/embedded.js';
import { all } from '../support/all-of.js';
import { openEmbedded } from '../support/embedded.js';
import { openOrg } from '../support/org-steering.js';
import { refusal } from '../support/refusal.js';
import { step, stepWorker } from '../support/step-worker.js';

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

const worker = (org: Org) => stepWorker(coordinator, org);

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
