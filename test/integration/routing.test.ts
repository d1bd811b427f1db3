import type { JsonValue as Json } from '@bufbuild/protobuf';
import { fromJson } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { type AgentOptions, agent, createClient, type TaskRequest } from '@reeve/sdk';
import { ConfigService } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { EmbeddedCoordinator } from '../../src/embedded.js';
import { connect } from '../api/support/grpc-client.js';
import { openEmbedded } from '../support/embedded.js';

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

let coordinator: EmbeddedCoordinator;
beforeAll(async () => {
  coordinator = await openEmbedded();
});
afterAll(() => coordinator.stop());

let orgs = 0;

/** An organisation of its own, with real agents that answer with their ids. */
async function setup(config: Readonly<Record<string, Json>> = {}, plan?: string) {
  const org = `routing-${++orgs}`;
  const { address } = coordinator;
  const client = createClient({ address, org });
  const raw = connect(address);
  onTestFinished(() => {
    client.close();
    raw.client.close();
  });
  const metadata = { org };
  const set = async (key: string, value: Json) => {
    await raw.call(ConfigService.method.setConfig, { key, value: fromJson(ValueSchema, value) }, metadata);
  };
  const putPlan = (cel: string) => client.policies.put({ policyId: 'plan', kind: 'PLAN_RETRIEVE', cel });
  if (plan !== undefined) await putPlan(plan);
  for (const [key, value] of Object.entries(config)) await set(key, value);

  /** @param work until it ends, the agent is busy */
  async function start(agentId: string, options: Partial<AgentOptions> = {}, work = async () => undefined) {
    const it = agent({ agentId, address, org, slots: 2, log: QUIET, ...options });
    it.handle('work', async () => {
      await work();
      return agentId;
    });
    await it.start();
    let stopped: Promise<void> | undefined;
    const stop = () => {
      stopped ??= it.stop({ graceMs: 100 });
      return stopped;
    };
    onTestFinished(stop);
    return { stop };
  }

  return {
    client,
    set,
    start,
    putKind: (jobKind: { kind: string; validate: string }) =>
      raw.call(ConfigService.method.putJobKind, { jobKind }, metadata),
    putPlan,
    /** Submits a task and answers with who did it. */
    run: async (request: Partial<TaskRequest> = {}) =>
      client.wait((await client.submit({ kind: 'work', ...request })).taskId),
    submit: (request: Partial<TaskRequest> = {}) => client.submit({ kind: 'work', ...request }),
    trail: async (taskId: string) => {
      const events: { type: string; reason: string; detail: unknown }[] = [];
      for await (const { type, reason, detail } of client.events(taskId))
        events.push({ type, reason, detail });
      return events;
    },
  };
}

/** Something to wait for. */
function gate() {
  let open: () => void = () => {};
  const passed = new Promise<undefined>((resolve) => {
    open = () => resolve(undefined);
  });
  return { open, wait: () => passed };
}

const STATIC = { agent_resolution_strategy: 'static', static_subject_id: 'chosen' };
const PLAN = { agent_resolution_strategy: 'plan_retrieve', plan_retrieve_policy: 'plan' };

describe('the strategy static', () => {
  test('gives tasks to the subject that is named, by the organisation or by the task', async () => {
    const { run, start } = await setup(STATIC);
    for (const id of ['a', 'chosen', 'z']) await start(id);
    for (let i = 0; i < 3; i++) expect(await run()).toBe('chosen');
    expect(await run({ routing: { staticSubjectId: 'z' } })).toBe('z');
  });

  test('is in force from the moment it is set', async () => {
    const { run, start, set } = await setup();
    for (const id of ['a', 'chosen']) await start(id);
    expect(await run({ requirements: { agentId: 'a' } })).toBe('a');
    for (const [key, value] of Object.entries(STATIC)) await set(key, value);
    await expect.poll(() => run()).toBe('chosen');
    await set('static_subject_id', 'a');
    await expect.poll(() => run()).toBe('a');
  });

  test('returns a task to selection when its subject is busy for too long', async () => {
    const { client, submit, start, trail } = await setup({ ...STATIC, resolution_start_limit: '1s' });
    const busy = gate();
    await start('chosen', { slots: 1 }, busy.wait);
    await start('other');
    const first = await submit();
    const second = await submit();
    expect(await client.wait(second.taskId)).toBe('other');
    expect(await trail(second.taskId)).toContainEqual(
      expect.objectContaining({ type: 'ROUTED', reason: 'NOT_STARTED: chosen' }),
    );
    busy.open();
    expect(await client.wait(first.taskId)).toBe('chosen');
  });

  test('returns it when its subject goes away', async () => {
    const { client, submit, start, trail } = await setup(STATIC);
    const busy = gate();
    const chosen = await start('chosen', { slots: 1 }, busy.wait);
    const first = await submit();
    const second = await submit();
    await start('other');
    busy.open();
    await chosen.stop();
    expect(await client.wait(second.taskId)).toMatch(/^(other|chosen)$/);
    const third = await submit();
    expect(await client.wait(third.taskId)).toBe('other');
    expect(await trail(third.taskId)).toContainEqual(
      expect.objectContaining({ type: 'ROUTED', reason: 'AGENT_GONE: chosen' }),
    );
    await client.get(first.taskId);
  });

  test('gives tasks to somebody with the role that is named', async () => {
    const { client, run, start } = await setup({
      agent_resolution_strategy: 'static',
      static_role_id: 'reviewer',
    });
    await client.roles.put({ roleId: 'reviewer' });
    await client.subjects.put({ subjectId: 'b', roleIds: ['reviewer'] });
    for (const id of ['a', 'b', 'c']) await start(id);
    for (let i = 0; i < 3; i++) expect(await run()).toBe('b');
  });

  test('a subject outside the pool: selection, and the reply and the trail say so; or nobody', async () => {
    const { client, start, submit, trail } = await setup({ ...STATIC, candidate_pool: 'roles' });
    await client.roles.put({ roleId: 'worker' });
    await client.subjects.put({ subjectId: 'other', roleIds: ['worker'] });
    for (const id of ['chosen', 'other']) await start(id);
    const returned = await submit();
    expect(returned.notes?.join()).toContain('not in the pool of candidates');
    expect(await client.wait(returned.taskId)).toBe('other');
    expect(JSON.stringify((await trail(returned.taskId))[0]?.detail)).toContain(
      'not in the pool of candidates',
    );
    await expect(submit({ routing: { fallback: 'NONE' } })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'NO_ELIGIBLE_AGENT',
    });
  });
});

describe('the strategy plan-and-retrieve', () => {
  test('gives a task to whom the policy names, and the trail says what it was asked and answered', async () => {
    const fast = 'candidates.filter(c, "fast" in c.tags)';
    const { client, submit, start, trail } = await setup(
      PLAN,
      `size(${fast}) > 0 ? ${fast}[0].agent_id : ""`,
    );
    await start('a');
    await start('b', { tags: ['fast'] });
    const { taskId } = await submit();
    expect(await client.wait(taskId)).toBe('b');
    const routed = (await trail(taskId)).find(({ type }) => type === 'ROUTED');
    expect(routed).toMatchObject({
      reason: 'PLANNED',
      detail: { route: { agentId: 'b' }, decision: { policyId: 'plan', version: 1, failure: null } },
    });
  });

  test('is not in force by naming a policy alone: the reply says so', async () => {
    const { client, submit, start } = await setup({});
    await start('a');
    const { taskId, notes } = await submit({ policies: { planRetrieve: 'pick' } });
    expect(notes).toEqual([
      'the strategy is load balancing, so the plan policy pick that is named does not count',
    ]);
    expect(await client.wait(taskId)).toBe('a');
  });

  test('a new version of the policy is in force without a restart', async () => {
    const { run, start, putPlan } = await setup(PLAN, '"a"');
    for (const id of ['a', 'b']) await start(id);
    expect(await run()).toBe('a');
    await putPlan('"b"');
    await expect.poll(() => run()).toBe('b');
  });

  test('waits for a candidate, and is planned when one is there', async () => {
    const { client, submit, start } = await setup(PLAN, 'candidates[0].agent_id');
    const { taskId } = await submit();
    expect((await client.get(taskId)).state).toBe('QUEUED');
    await start('late');
    expect(await client.wait(taskId)).toBe('late');
  });

  test('a policy that lies, chooses nobody or runs away costs the task nothing but its choice', async () => {
    const { client, submit, start, putPlan, trail } = await setup(PLAN, '"a"');
    await start('a');
    const rules = {
      'PLAN_FAILED: WRONG_RESULT': '"stranger"',
      NO_CHOICE: '""',
      'PLAN_FAILED: ERROR': 'candidates[99].agent_id',
    };
    for (const [reason, cel] of Object.entries(rules)) {
      await putPlan(cel);
      await expect
        .poll(async () => {
          const { taskId } = await submit();
          expect(await client.wait(taskId)).toBe('a');
          return (await trail(taskId)).find(({ type }) => type === 'ROUTED')?.reason;
        })
        .toBe(reason);
    }
  });
});

describe('a candidate that is required', () => {
  test('is asked for when the task is submitted', async () => {
    const { client, submit, start } = await setup();
    const required = { requireCandidate: true, requestId: 'once' };
    const refusal = { code: 'FAILED_PRECONDITION', reason: 'NO_ELIGIBLE_AGENT' };
    await expect(submit(required)).rejects.toMatchObject({ ...refusal, message: /no agent is connected/ });
    await start('a');
    await expect(submit({ requireCandidate: true, requirements: { tags: ['rare'] } })).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining('none of 1 connected agents may get it: 1 without its tags'),
    });
    // A repeat gets the same answer; a new one is served.
    await expect(submit(required)).rejects.toMatchObject(refusal);
    expect(await client.wait((await submit({ requireCandidate: true })).taskId)).toBe('a');
  });
});

describe('what is checked right before an agent gets a task', () => {
  test('skips a task that is not as its kind is to be', async () => {
    const { client, submit, start, putKind } = await setup();
    await putKind({ kind: 'work', validate: 'task.goal != "" ? "" : "it has no goal"' });
    await start('a');
    const fine = await submit({ goal: 'reach it' });
    expect(await client.wait(fine.taskId)).toBe('a');
    const { taskId } = await submit();
    for await (const { state } of client.watch(taskId)) if (state === 'SKIPPED') break;
    expect(await client.get(taskId)).toMatchObject({
      state: 'SKIPPED',
      reason: 'VALIDATION_FAILED: it has no goal',
    });
  });
});
