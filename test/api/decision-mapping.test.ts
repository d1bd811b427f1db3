import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { PolicyDecisionSchema, type PolicyKind } from '@reeve/sdk/protocol';
import { describe, expect, test } from 'vitest';
import { toDomainDecision, toProtoDecision } from '../../src/api/mapping/decision.js';
import type { Decision } from '../../src/domain/policies/decision.js';
import { readPolicyInput } from '../../src/domain/policies/read-input.js';

const NOW = 1_700_000_000_123;
const input = readPolicyInput(
  {
    task: { kind: 'report', input: { pages: [1, 2.5, null] } },
    candidates: [{ agent_id: 'a' }],
    org: { x: [] },
  },
  NOW,
  'input',
);
if (!('task' in input)) throw new Error(JSON.stringify(input));

const DECISION: Decision = {
  kind: 'PLAN_RETRIEVE',
  policyId: 'pick',
  version: 12,
  input,
  output: { head_agent_subject_id: 'a', reason: '' },
  failure: null,
  message: '',
  tookMs: 3.25,
  time: NOW,
};

/** Over the wire and back. */
function carried(decision: Decision): Decision | null {
  const bytes = toBinary(PolicyDecisionSchema, create(PolicyDecisionSchema, toProtoDecision(decision)));
  return toDomainDecision(fromBinary(PolicyDecisionSchema, bytes));
}

describe('a decision', () => {
  test('comes back from the wire as it was', () => {
    expect(carried(DECISION)).toEqual(DECISION);
  });

  test('that failed has no output, which null is not', () => {
    const failed: Decision = { ...DECISION, output: null, failure: 'DEADLINE', message: 'too late' };
    expect(carried(failed)).toEqual(failed);
    expect(toProtoDecision(failed)).not.toHaveProperty('output');
    expect(toProtoDecision({ ...DECISION, output: null })).toHaveProperty('output');
  });

  test('of a kind that is not known yet is none', () => {
    expect(toDomainDecision(create(PolicyDecisionSchema, { kind: 99 as PolicyKind }))).toBeNull();
  });
});
