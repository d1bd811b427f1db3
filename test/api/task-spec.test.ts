import { create, fromBinary, fromJson } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { AgentType, TaskSource, TaskSpecSchema, Tier } from '@reeve/sdk/protocol';
import { describe, expect, it } from 'vitest';
import { toDomainSpec } from '../../src/api/mapping/task-spec.js';
import { DEFAULT_RETRY } from '../../src/domain/tasks/retry.js';

const admin = { org: 'o', subject: 'ann', roles: ['admin'] };
const rules = { defaultRetry: DEFAULT_RETRY, maxPayloadBytes: 1_000 };
type Spec = Parameters<typeof create<typeof TaskSpecSchema>>[1];

const mapped = (spec: Spec, principal = admin) =>
  toDomainSpec(create(TaskSpecSchema, spec), principal, rules, 'task');

describe('submissions', () => {
  it('get their defaults', () => {
    const { spec, notes } = mapped({ kind: 'k' });
    expect(notes).toEqual([]);
    expect(spec).toMatchObject({
      kind: 'k',
      tier: 'NORMAL',
      source: 'AUTOMATED',
      goal: '',
      intent: '',
      jobSpaceId: '',
      submitterSubjectId: 'ann',
      parentTaskId: null,
      retry: DEFAULT_RETRY,
      attemptTimeoutMs: null,
      requirements: { agentType: null, capabilities: ['k'], region: null, minHealth: null, agentId: null },
    });
  });

  it('keep what they say', () => {
    const { spec } = mapped({
      kind: 'k',
      tier: Tier.CRITICAL,
      source: TaskSource.HUMAN,
      submitterSubjectId: 'bob',
      parentTaskId: '01890A5D-AC96-774B-BCCE-B302099A8057',
      requirements: { agentType: AgentType.WORKER, capabilities: ['b', 'a'], minHealth: 0 },
      retry: { maxAttempts: 7, initialBackoff: { nanos: 1 }, backoffMultiplier: 3 },
      attemptTimeout: { seconds: 2n, nanos: 500_000_000 },
    });
    expect(spec).toMatchObject({
      tier: 'CRITICAL',
      source: 'HUMAN',
      submitterSubjectId: 'bob',
      parentTaskId: '01890a5d-ac96-774b-bcce-b302099a8057',
      requirements: { agentType: 'WORKER', capabilities: ['a', 'b'], minHealth: 0 },
      retry: { maxAttempts: 7, initialBackoffMs: 1, maxBackoffMs: 300_000, backoffMultiplier: 3 },
      attemptTimeoutMs: 2_500,
    });
  });

  it('may bound the waits between attempts from one side, but not so that none is left', () => {
    const waits = (retry: NonNullable<Spec>['retry']) => mapped({ kind: 'k', retry }).spec.retry;
    const seconds = (n: bigint) => ({ seconds: n });
    expect(waits({ maxBackoff: { nanos: 1_000_000 } })).toMatchObject({
      initialBackoffMs: 1,
      maxBackoffMs: 1,
    });
    expect(waits({ initialBackoff: seconds(600n) })).toMatchObject({ maxBackoffMs: 600_000 });
    expect(waits({ initialBackoff: seconds(5n), maxBackoff: seconds(5n) })).toMatchObject({
      initialBackoffMs: 5_000,
      maxBackoffMs: 5_000,
    });
    expect(() => waits({ initialBackoff: seconds(5n), maxBackoff: seconds(4n) })).toThrow(
      'task.retry.max_backoff: must be at least initial_backoff',
    );
  });

  it('may name their waits one by one', () => {
    const { retry } = mapped({ kind: 'k', retry: { delays: [{ seconds: 2n }, {}] } }).spec;
    expect(retry).toEqual({ ...DEFAULT_RETRY, delaysMs: [2_000, 0] });
    expect(mapped({ kind: 'k', retry: {} }).spec.retry).toEqual(DEFAULT_RETRY);
  });

  it('may say what they were made from, but no more of it than an input may be', () => {
    const itemOf = (text: string) => ({ sequenceNum: 2, itemData: fromJson(ValueSchema, { text }) });
    const { body } = mapped({ kind: 'k', item: itemOf('x'), brief: { tools: ['search'] } }).spec;
    expect(fromBinary(TaskSpecSchema, body)).toMatchObject({
      item: { sequenceNum: 2 },
      brief: { tools: ['search'] },
    });
    expect(() => mapped({ kind: 'k', item: itemOf('x'.repeat(1_000)) })).toThrow(
      'task.item.item_data: has 1011 bytes; at most 1000 are allowed',
    );
  });

  it('have equal bodies when they are equal, whatever the order of their labels', () => {
    const one = mapped({ kind: 'k', labels: { a: '1', b: '2' }, tier: Tier.NORMAL });
    const two = mapped({ kind: 'k', labels: { b: '2', a: '1' } });
    expect(Buffer.from(one.spec.body).equals(two.spec.body)).toBe(true);
    expect(Buffer.from(one.spec.body).equals(mapped({ kind: 'k' }).spec.body)).toBe(false);
  });

  it.each([
    { source: TaskSource.HUMAN, tier: Tier.HIGH },
    { source: TaskSource.AGENT, tier: Tier.CRITICAL },
  ])('are lowered without the permission for HUMAN and CRITICAL, in the body too', (wanted) => {
    const { spec, notes } = mapped({ kind: 'k', ...wanted }, { ...admin, roles: ['submitter'] });
    expect(notes).toHaveLength(1);
    expect([spec.source, spec.tier]).toEqual(['AUTOMATED', 'NORMAL']);
    const body = fromBinary(TaskSpecSchema, spec.body);
    expect([body.source, body.tier]).toEqual([TaskSource.AUTOMATED, Tier.NORMAL]);
    const human = mapped({ kind: 'k', ...wanted }, { ...admin, roles: ['submitter', 'tasks.submit_human'] });
    expect(human.notes).toEqual([]);
  });
});
