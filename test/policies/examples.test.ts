import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/domain/json.js';
import type { PolicyKind } from '../../src/domain/policies/policy.js';
import type { PolicyInput } from '../../src/domain/policies/policy-input.js';
import type { ExpressionUse } from '../../src/ports/policy-engine.js';
import { celPolicy, NOW, policyCandidate, policyInput, startCelEngine } from '../support/cel-engine.js';

const engine = startCelEngine();
afterAll(() => engine.stop());

const example = (name: string) =>
  readFileSync(new URL(`../../examples/policies/${name}.cel`, import.meta.url), 'utf8');

async function decide(kind: PolicyKind, name: string, input: PolicyInput): Promise<JsonValue> {
  const [[outcome] = []] = await engine.decide([{ policy: celPolicy(kind, example(name)), inputs: [input] }]);
  if (!outcome?.ok) throw new Error(outcome?.message);
  return outcome.output;
}

describe('the example', () => {
  it.each<[string, ExpressionUse]>([
    ['approval', 'APPROVAL'],
    ['priority', 'PRIORITY'],
    ['auction-input', 'AUCTION_INPUT'],
    ['plan-retrieve', 'PLAN_RETRIEVE'],
    ['head-start', 'HEAD_START'],
    ['validate', 'VALIDATE'],
  ])('%s can be put', async (name, use) => {
    expect(await engine.checkExpression(use, example(name))).toEqual([]);
  });

  it('of approval accepts, rejects, and asks a person', async () => {
    const org = { 'acme/max_pages': 50 };
    expect(await decide('APPROVAL', 'approval', policyInput({}, { org }))).toMatchObject({ accepted: true });
    expect(await decide('APPROVAL', 'approval', policyInput({ goal: '' }))).toMatchObject({
      accepted: false,
    });
    expect(await decide('APPROVAL', 'approval', policyInput({ input: { pages: 51 } }, { org }))).toEqual({
      needs_human: true,
      reason: '51 pages are more than anybody may order alone',
      due: '14400s',
    });
    expect(await decide('APPROVAL', 'approval', policyInput({ input: { pages: 51 } }))).toMatchObject({
      accepted: true,
    });
  });

  it('of priority puts people first, then what is due', async () => {
    const priority = (task: PolicyInput['task'] | object) =>
      decide('PRIORITY', 'priority', policyInput(task));
    expect(await priority({ source: 'HUMAN' })).toBe(1_000);
    expect(await priority({ deadline: NOW + 60_000 })).toBe(800);
    expect(await priority({ deadline: null, urgency: 500 })).toBe(500);
    expect(await priority({ deadline: null, labels: { batch: '1' } })).toBe(200);
  });

  it('of an auction makes its parameters', async () => {
    expect(await decide('AUCTION_INPUT', 'auction-input', policyInput({ urgency: 600 }))).toEqual({
      bid_seconds: 2,
      max_price: 25,
      capabilities: ['ocr', 'gpu'],
    });
  });

  it('of plan-and-retrieve takes the most reliable that is free', async () => {
    const candidates = [
      policyCandidate({ agent_id: 'busy', in_flight: 4, success_rate: 1 }),
      policyCandidate({ agent_id: 'good', success_rate: 0.97 }),
      policyCandidate({ agent_id: 'fair', success_rate: 0.6 }),
      policyCandidate({ agent_id: 'ill', health_score: 0.3, success_rate: 1 }),
    ];
    expect(await decide('PLAN_RETRIEVE', 'plan-retrieve', policyInput({}, { candidates }))).toEqual({
      head_agent_subject_id: 'good',
      reason: 'succeeds in 97 of 100 attempts',
    });
    const busy = candidates.slice(0, 1);
    expect(
      await decide('PLAN_RETRIEVE', 'plan-retrieve', policyInput({}, { candidates: busy })),
    ).toMatchObject({
      head_agent_subject_id: '',
    });
  });

  it('of a head start gives a minute a point, and of validate words', async () => {
    const evaluate = async (use: 'HEAD_START' | 'VALIDATE', name: string, input: PolicyInput) =>
      (await engine.evaluate([{ use, expression: example(name), inputs: [input] }]))[0]?.[0];
    expect(await evaluate('HEAD_START', 'head-start', policyInput({ urgency: 30 }))).toMatchObject({
      output: '1800s',
    });
    expect(await evaluate('HEAD_START', 'head-start', policyInput({ parent_task_id: 'p' }))).toMatchObject({
      output: '25200s',
    });
    expect(await evaluate('VALIDATE', 'validate', policyInput())).toMatchObject({ output: '' });
    expect(await evaluate('VALIDATE', 'validate', policyInput({ deadline: NOW - 1 }))).toMatchObject({
      output: 'it is too late',
    });
    expect(
      await evaluate('VALIDATE', 'validate', policyInput({ input: { files: ['a.doc'] } })),
    ).toMatchObject({
      output: 'only PDF files can be read',
    });
    expect(await evaluate('VALIDATE', 'validate', policyInput({ input: null }))).toMatchObject({
      output: 'there are no files',
    });
  });
});
