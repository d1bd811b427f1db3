import { fromBinary } from '@bufbuild/protobuf';
import { ApproveRequestSchema, SelectAgentRequestSchema, TaskSource, Tier } from '@reeve/sdk/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PolicyKind as Kind, Policy } from '../../src/domain/policies/policy.js';
import type { PolicyInput } from '../../src/domain/policies/policy-input.js';
import { createPolicyEngine } from '../../src/policies/policy-engine.js';
import { createRemotePolicies } from '../../src/policies/remote/remote-policies.js';
import { systemClock } from '../../src/system/clock.js';
import { celPolicy, policyTask, startCelEngine } from '../support/cel-engine.js';
import { type Reply, startPolicyServer } from './support/policy-server.js';
import { setupCaller } from './support/remote-world.js';

const NOW = Date.UTC(2026, 2, 2, 10);
const CANDIDATE = {
  agent_id: 'a',
  agent_type: 'WORKER',
  capabilities: ['work'],
  services: [],
  tags: ['fast'],
  region: 'eu',
  version: '1.2',
  health_score: 0.9,
  slots: 4,
  in_flight: 1,
  attempts: 10,
  success_rate: 0.5,
  mean_seconds: 2.5,
  cpu: 0.25,
  memory: null,
  gpu: null,
};
const INPUT: PolicyInput = { task: policyTask({ create_time: NOW }), org: { 'acme/budget': 10 }, now: NOW };

async function setup(reply: (call: number) => Reply) {
  const server = await startPolicyServer({ reply });
  const { caller } = setupCaller();
  const remote = createRemotePolicies(caller, systemClock);
  const policy = (kind: Kind, deadlineMs: number | null = null): Omit<Policy, 'onError'> => ({
    org: 'acme',
    policyId: 'p',
    version: 3,
    kind,
    rule: { kind: 'REMOTE', address: server.address, plaintext: true },
    deadlineMs,
    description: '',
    createTime: NOW,
    actor: 'ann',
    deleted: false,
  });
  const ask = async (kind: Kind, input = INPUT, deadlineMs: number | null = 5_000) => {
    const [[outcome] = []] = await remote.decide([{ policy: policy(kind, deadlineMs), inputs: [input] }]);
    return outcome;
  };
  return { ...server, remote, caller, policy, ask };
}

describe('a remote policy', () => {
  it('is told the task, the organisation and the time', async () => {
    const { ask, calls } = await setup(() => ({ message: { accepted: true } }));
    const task = policyTask({
      task_id: 't1',
      tier: 'HIGH',
      source: 'HUMAN',
      labels: { team: 'core' },
      input: { pages: [1, null, 'x'] },
      create_time: NOW,
      run_at: NOW + 1_500,
      deadline: null,
      capabilities: ['work'],
      roles: ['editor'],
    });
    await ask('APPROVAL', { ...INPUT, task });
    const request = fromBinary(ApproveRequestSchema, calls[0]?.request ?? Buffer.alloc(0));
    expect(request.context).toMatchObject({
      org: 'acme',
      policyId: 'p',
      version: 3n,
      config: { 'acme/budget': 10 },
      now: { seconds: BigInt(NOW / 1_000) },
    });
    expect(request.task).toMatchObject({
      taskId: 't1',
      tier: Tier.HIGH,
      source: TaskSource.HUMAN,
      labels: { team: 'core' },
      runAt: { seconds: BigInt(NOW / 1_000 + 1), nanos: 500_000_000 },
      requirements: { capabilities: ['work'], roles: ['editor'] },
    });
    expect(request.task?.deadline).toBeUndefined();
    expect(request.task?.input?.kind.case).toBe('structValue');
  });

  it('is told the candidates where it chooses among them', async () => {
    const { ask, calls } = await setup(() => ({ message: { headAgentSubjectId: 'a', reason: 'the best' } }));
    expect(await ask('PLAN_RETRIEVE', { ...INPUT, candidates: [CANDIDATE] })).toMatchObject({
      ok: true,
      output: { head_agent_subject_id: 'a', reason: 'the best' },
    });
    const { candidates } = fromBinary(SelectAgentRequestSchema, calls[0]?.request ?? Buffer.alloc(0));
    expect(candidates).toMatchObject([
      { agentId: 'a', healthScore: 0.9, inFlight: 1, meanSeconds: 2.5, load: { cpu: 0.25 } },
    ]);
  });

  it.each<[Kind, Record<string, unknown>, unknown]>([
    [
      'APPROVAL',
      { needsHuman: true, reason: 'dear', due: { seconds: 90n } },
      { accepted: false, reason: 'dear', needs_human: true, due: '90s' },
    ],
    ['PRIORITY', { priority: 800 }, { priority: 800 }],
    ['AUCTION_INPUT', { input: { floor: 1.5 } }, { floor: 1.5 }],
    ['PLAN_RETRIEVE', {}, { head_agent_subject_id: '', reason: '' }],
  ])('of kind %s answers as JSON', async (kind, message, output) => {
    const { ask } = await setup(() => ({ message }));
    expect(await ask(kind)).toMatchObject({ ok: true, output });
  });

  it.each<[Kind, Record<string, unknown>, RegExp]>([
    ['PRIORITY', { priority: 1_001 }, /^the answer must be an int from 0 to 1000/],
    ['PRIORITY', { priority: -1 }, /^the answer must be an int from 0 to 1000/],
    ['APPROVAL', { needsHuman: true, due: { seconds: -5n } }, /^the answer due must be from/],
    [
      'PLAN_RETRIEVE',
      { headAgentSubjectId: 'x'.repeat(300) },
      /^the answer names an agent with an id of 300/,
    ],
    ['AUCTION_INPUT', { input: nested(40) }, /^the answer is nested deeper than 32/],
  ])('of kind %s may not answer what its kind does not take', async (kind, message, words) => {
    const { ask } = await setup(() => ({ message }));
    expect(await ask(kind)).toMatchObject({
      ok: false,
      failure: 'WRONG_RESULT',
      message: expect.stringMatching(words),
    });
  });

  it('may answer a Struct as deep as its bytes allow, and nothing breaks', async () => {
    // Each level takes a few bytes: as many as fit into 60 KiB.
    let value: Buffer = Buffer.from([0x08, 0x00]);
    while (value.length < 60 * 1024) value = field(6, field(1, value));
    const bytes = field(1, field(1, Buffer.concat([field(1, Buffer.from('k')), field(2, value)])));
    const { ask } = await setup(() => ({ bytes }));
    expect(await ask('AUCTION_INPUT')).toMatchObject({ ok: false, failure: 'WRONG_RESULT' });
  });

  it.each<[string, Reply, string]>([
    ['is away', { status: 'UNAVAILABLE' }, 'UNAVAILABLE'],
    ['hangs', 'HANG', 'DEADLINE'],
    ['refuses', { status: 'PERMISSION_DENIED' }, 'ERROR'],
    ['answers what is no message', { bytes: Buffer.from([0xff]) }, 'WRONG_RESULT'],
    ['answers too much', { bytes: Buffer.alloc(70_000) }, 'TOO_LARGE'],
  ])('that %s has an outcome, within its deadline', async (_what, reply, failure) => {
    const { ask } = await setup(() => reply);
    const outcome = await ask('APPROVAL', INPUT, 1_500);
    expect(outcome).toMatchObject({ ok: false, failure });
    expect(outcome?.tookMs).toBeLessThan(10_000);
  });

  it('is asked once an input, and answers in their order', async () => {
    const { remote, policy, calls } = await setup((call) => ({ message: { priority: call } }));
    const inputs = Array.from({ length: 50 }, (_, i) => ({
      ...INPUT,
      task: policyTask({ task_id: `t${i}` }),
    }));
    const [outcomes = []] = await remote.decide([{ policy: policy('PRIORITY'), inputs }]);
    const asked = calls.map(({ request }) => fromBinary(ApproveRequestSchema, request).task?.taskId);
    const expected = inputs.map(({ task }) => ({ priority: asked.indexOf(task.task_id) }));
    expect(outcomes.map((outcome) => outcome.ok && outcome.output)).toEqual(expected);
    expect(calls).toHaveLength(50);
  });
});

describe('a batch for a remote policy', () => {
  it('is not in its own way: none of it waits in line while the others are asked', async () => {
    let underWay = 0;
    let most = 0;
    const { policy, caller } = await setup(() => ({ message: { priority: 1 } }));
    const remote = createRemotePolicies(
      {
        ...caller,
        async call(...asked) {
          most = Math.max(most, ++underWay);
          return caller.call(...asked).finally(() => {
            underWay -= 1;
          });
        },
      },
      systemClock,
    );
    const inputs = Array.from({ length: 100 }, () => INPUT);
    const [outcomes] = await remote.decide([{ policy: policy('PRIORITY'), inputs }]);
    expect(outcomes).toEqual(Array.from({ length: 100 }, () => expect.objectContaining({ ok: true })));
    expect(most).toBe(32);
  });
});

describe('the engine', () => {
  it('answers local and remote policies of a batch in its order', async () => {
    const { remote, caller, policy } = await setup(() => ({ message: { priority: 900 } }));
    const engine = createPolicyEngine({ cel: startCelEngine(), remote, caller });
    onTestFinished(() => engine.stop());
    const calls = [
      { policy: policy('PRIORITY'), inputs: [INPUT] },
      { policy: celPolicy('APPROVAL', 'task.tier == "NORMAL"'), inputs: [INPUT, INPUT] },
      { policy: policy('PRIORITY'), inputs: [INPUT] },
      { policy: celPolicy('PRIORITY', '7'), inputs: [INPUT] },
    ];
    const outcomes = await engine.decide(calls);
    expect(outcomes.map((of) => of.map((outcome) => outcome.ok && outcome.output))).toEqual([
      [{ priority: 900 }],
      [true, true],
      [{ priority: 900 }],
      [7],
    ]);
    expect(await engine.trace(policy('PRIORITY'), INPUT)).toMatchObject({
      outcome: { ok: true, output: { priority: 900 } },
      trace: [],
    });
  });
});

function nested(depth: number): Record<string, unknown> {
  return depth === 0 ? {} : { k: nested(depth - 1) };
}

/** A length-delimited field of the wire format. */
function field(number: number, bytes: Buffer<ArrayBufferLike>): Buffer<ArrayBuffer> {
  const length = [];
  let left = bytes.length;
  for (; left > 127; left >>= 7) length.push((left & 127) | 128);
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length, left]), bytes]);
}
