import { afterAll, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import type { Decision } from '../../src/domain/policies/decision.js';
import type { PolicyInput } from '../../src/domain/policies/policy-input.js';
import { recordedInput } from '../../src/domain/policies/question.js';
import { readPolicyInput } from '../../src/domain/policies/read-input.js';
import { keptQuestion } from '../../src/domain/policies/trail.js';
import { celPolicy, NOW, policyTask, startCelEngine } from '../support/cel-engine.js';
import { seededRandom } from '../support/seeded-random.js';

const DECISIONS = 2_000;
const engine = startCelEngine();
afterAll(() => engine.stop());

/** By version, from 1. */
const VERSIONS = [
  celPolicy('PRIORITY', `{'priority': task.tier == 'URGENT' ? 900 : int(task.urgency) / 2}`),
  celPolicy('PRIORITY', `{'priority': has(org.limit) && org.limit > 3 ? 500 : int(task.impact)}`),
  celPolicy('PRIORITY', `{'priority': has(task.input.pages) && task.input.pages > 10 ? 100 : 300}`),
].map((policy, i) => ({ ...policy, version: i + 1 }));

test('a recorded input, asked again of its version, has the recorded answer', async () => {
  const chance = seededRandom(1);
  const int = (most: number) => Math.floor(chance() * (most + 1));
  const asked = Array.from({ length: DECISIONS }, () => {
    const policy = VERSIONS[int(VERSIONS.length - 1)] as (typeof VERSIONS)[number];
    const task = policyTask({
      tier: int(1) === 0 ? 'URGENT' : 'LOW',
      urgency: int(1_000),
      impact: int(1_000),
      input: int(1) === 0 ? { pages: int(20) } : { text: 'x' },
    });
    const input: PolicyInput = { task, org: int(1) === 0 ? { limit: int(6) } : {}, now: NOW + int(1e6) };
    return { policy, input };
  });
  const first = await engine.decide(asked.map(({ policy, input }) => ({ policy, inputs: [input] })));
  const trail = asked.map(({ policy }, i): string => {
    const [outcome] = first[i] ?? [];
    if (!outcome?.ok) throw new Error(`no answer: ${JSON.stringify(outcome)}`);
    const { policyId, version, kind } = policy;
    const question = outcome.question;
    if (!question) throw new Error('an answer without a question');
    const answered = {
      output: outcome.output,
      failure: null,
      message: '',
      tookMs: outcome.tookMs,
      time: NOW,
    };
    const decision: Decision = {
      kind,
      policyId,
      version,
      input: recordedInput(keptQuestion(question).kept),
      ...answered,
    };
    return JSON.stringify(decision);
  });
  const recorded = trail.map((text) => JSON.parse(text) as Decision);
  const again = await engine.decide(
    recorded.map(({ version, input }) => ({
      policy: VERSIONS[version - 1] as (typeof VERSIONS)[number],
      inputs: [readPolicyInput(input as unknown as JsonObject, NOW, 'input') as PolicyInput],
    })),
  );
  const answers = again.map(([outcome]) => (outcome?.ok ? outcome.output : outcome));
  expect(answers).toEqual(recorded.map(({ output }) => output));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBeGreaterThan(100);
});
