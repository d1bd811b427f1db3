import { afterAll, describe, expect, test } from 'vitest';
import { recorded } from '../../src/domain/policies/decision.js';
import { questionOf, untold } from '../../src/domain/policies/question.js';
import { keptOutput, keptQuestion, MAX_TRAIL_CHARACTERS } from '../../src/domain/policies/trail.js';
import { policyCandidate, policyInput, startCelEngine } from '../support/cel-engine.js';
import { applicant, judgedOf, NOW, setup } from './support/admission-world.js';

const engine = startCelEngine();
afterAll(() => engine.stop());

const cel = (expression: string) => ({ rule: { kind: 'CEL' as const, expression } });

describe('what the trail keeps of a submission', () => {
  test('is what its rules name, and nothing else', async () => {
    const { admit } = setup({
      config: { approvalPolicy: 'gate', priorityPolicy: 'rank', values: { base: 1, other: 2 } },
      policies: [
        { policyId: 'gate', kind: 'APPROVAL', ...cel("{'accepted': true, 'reason': task.kind + 'ok'}") },
        { policyId: 'rank', kind: 'PRIORITY', ...cel('org.base + task.input.n.size()') },
      ],
      engine,
      inputs: { small: { n: 'a\0b', m: 1 }, large: { n: 'x'.repeat(20_000) } },
    });
    const [small, large] = await admit(applicant({}, {}, 'small'), applicant({}, {}, 'large'));
    const [gate, rank] = judgedOf(small).decisions.map(recorded);
    const input = {
      task: { kind: 'ocr', input: { n: 'a\ufffdb' } },
      org: { base: 1 },
      now: NOW,
    };
    expect(gate).toMatchObject({ kind: 'APPROVAL', policyId: 'gate', version: 4, time: NOW });
    expect(gate?.output).toEqual({ accepted: true, reason: 'ocrok' });
    expect(gate?.input).toEqual(input);
    expect(rank?.input).toEqual(input);
    expect(rank?.output).toBe(4);
    const [, long] = judgedOf(large).decisions.map(recorded);
    expect(long?.input).toEqual({ ...input, task: { kind: 'ocr' } });
    expect(long?.message).toContain("left out: the task's input of 20008 characters");
    expect(long?.failure).toBe('WRONG_RESULT');
  });

  test('is the task where nobody could be asked', async () => {
    const { admit } = setup({ config: { approvalPolicy: 'gone' } });
    const [decision] = judgedOf((await admit(applicant()))[0]).decisions.map(recorded);
    expect(decision).toMatchObject({
      failure: 'MISSING',
      version: 0,
      input: { task: { kind: 'ocr' }, org: {} },
    });
  });
});

describe('a question', () => {
  const input = policyInput({ goal: 'x' }, { org: { a: 1 }, candidates: [policyCandidate()] });

  test('holds all of an input, in JSON', () => {
    expect(recorded(decisionOn(questionOf(input))).input).toEqual(input);
  });

  test('that nobody was told of holds the task without its payload', () => {
    const { input: _, ...task } = input.task;
    expect(recorded(decisionOn(untold(input))).input).toEqual({ task, org: {}, now: input.now });
  });

  test('is kept as it is if it can be stored', () => {
    const question = questionOf(input);
    expect(keptQuestion(question).kept).toBe(question);
  });

  test('is kept with U+FFFD for what cannot be stored, wherever it stands', () => {
    const bad = policyInput(
      { goal: '\ud800', labels: { l: 'a\0' }, input: { 'k\0': '\udfff' } },
      { org: { o: '\0' }, candidates: [policyCandidate({ region: '\ud800' })] },
    );
    const { kept, leftOut } = keptQuestion(questionOf(bad));
    const { task, org, candidates } = recorded(decisionOn(kept)).input;
    expect(task).toMatchObject({ goal: '\ufffd', labels: { l: 'a\ufffd' }, input: { 'k\ufffd': '\ufffd' } });
    expect(org).toEqual({ o: '\ufffd' });
    expect(candidates?.[0]?.region).toBe('\ufffd');
    expect(leftOut).toBe('');
  });

  test('is kept as it is if it only looks as if it could not be stored', () => {
    const { kept } = keptQuestion(questionOf(policyInput({ goal: 'C:\\u0000' })));
    expect(recorded(decisionOn(kept)).input.task.goal).toBe('C:\\u0000');
  });

  test('is kept without parameters that are too long', () => {
    const { kept, leftOut } = keptQuestion(questionOf({ ...input, org: { a: 'x'.repeat(20_000) } }));
    expect(kept.org).toBe('{}');
    expect(leftOut).toBe('parameters of 20008 characters');
  });

  test('has an answer of bounded length', () => {
    expect(keptOutput('x'.repeat(MAX_TRAIL_CHARACTERS - 2)).leftOut).toBe('');
    expect(keptOutput('x'.repeat(MAX_TRAIL_CHARACTERS))).toEqual({
      kept: null,
      leftOut: `an answer of ${MAX_TRAIL_CHARACTERS + 2} characters`,
    });
    expect(keptOutput({ reason: 'a\0' }).kept).toEqual({ reason: 'a\ufffd' });
  });
});

function decisionOn(question: ReturnType<typeof questionOf>) {
  const by = { kind: 'APPROVAL', policyId: 'gate', version: 1 } as const;
  return { by, question, output: true, failure: null, message: '', tookMs: 1 };
}
