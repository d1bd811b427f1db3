import { afterAll, describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/domain/json.js';
import type { PolicyKind } from '../../src/domain/policies/policy.js';
import type { PolicyInput } from '../../src/domain/policies/policy-input.js';
import type { ExpressionUse } from '../../src/ports/policy-engine.js';
import { celPolicy, NOW, policyCandidate, policyInput, startCelEngine } from '../support/cel-engine.js';

const engine = startCelEngine();
afterAll(() => engine.stop());

async function decide(kind: PolicyKind, expression: string, input: PolicyInput = policyInput()) {
  const [[outcome] = []] = await engine.decide([{ policy: celPolicy(kind, expression), inputs: [input] }]);
  return outcome;
}

describe('an expression that is put', () => {
  it.each<[string, ExpressionUse, string, number, number, string]>([
    ['an unknown variable', 'APPROVAL', 'true &&\n  tasks.tier == "LOW"', 2, 3, 'did you mean task?'],
    [
      'candidates where there are none',
      'APPROVAL',
      'candidates.size() > 0',
      1,
      1,
      'there are task, org, now',
    ],
    ['an unknown field', 'APPROVAL', 'task.labls.env == "x"', 1, 6, 'did you mean labels?'],
    ['an unknown field within has', 'APPROVAL', 'has(task.imput.x)', 1, 5, 'no such field: imput'],
    ['a wrong operand', 'APPROVAL', 'task.urgency > "3"', 1, 1, 'int > string'],
    ['a label beside a number', 'APPROVAL', 'task.labels.env == 3', 1, 1, 'string == int'],
    ['a syntax error', 'APPROVAL', 'true &&\n(false', 2, 7, 'RPAREN'],
    ['an approval that is a number', 'APPROVAL', '3', 1, 1, 'must answer a bool or a map'],
    ['a misspelt field of the answer', 'APPROVAL', '{"accepted": true, "reasn": "x"}', 1, 20, 'reasn'],
    ['a reason that is no text', 'APPROVAL', '{"accepted": true, "reason": 1}', 1, 30, 'must be string'],
    ['an answer without a verdict', 'APPROVAL', '{"reason": "x"}', 1, 1, 'lacks the field accepted'],
    [
      'one side of a choice',
      'APPROVAL',
      'task.urgency > 1 ? {"accepted": true} : {"reason": "", "due": now}',
      1,
      63,
      'due must be',
    ],
    ['a priority that is a text', 'PRIORITY', '"high"', 1, 1, 'must answer an int'],
    ['a priority above 1000', 'PRIORITY', 'task.impact > 3 ? 1001 : 5', 1, 19, 'not 1001'],
    ['a priority below 0', 'PRIORITY', '{"priority": -1}', 1, 14, 'from 0 to 1000'],
    ['a priority with a fraction', 'PRIORITY', 'task.urgency * 1.5', 1, 1, 'not double'],
    ['a plan that is a list', 'PLAN_RETRIEVE', 'candidates.map(c, c.agent_id)', 1, 1, "an agent's id"],
    [
      'an unknown field of a candidate',
      'PLAN_RETRIEVE',
      'candidates.filter(c, c.cpus > 1)[0].agent_id',
      1,
      24,
      'cpus',
    ],
    ['an auction of a text', 'AUCTION_INPUT', '"x"', 1, 1, 'must answer a map'],
    ['a head start that is a number', 'HEAD_START', 'task.urgency', 1, 1, 'must answer a duration'],
    ['a validation that is a number', 'VALIDATE', '1', 1, 1, 'a bool or a string'],
    ['bytes', 'APPROVAL', 'b"a" == b"a"', 1, 1, 'there are no bytes'],
  ])('is refused for %s, with line and column', async (_what, use, expression, line, column, words) => {
    const [problem] = await engine.checkExpression(use, expression);
    expect(problem).toMatchObject({ line, column });
    expect(problem?.message).toContain(words);
  });

  it.each<[string, string]>([
    ['10,000 brackets', `${'('.repeat(9_999)}1${')'.repeat(9_999)}`],
    ['20,001 characters', `"${'x'.repeat(19_999)}"`],
    ['endless denial', `${'!'.repeat(19_000)}true`],
    ['endless sums', `${'1+'.repeat(9_000)}1 > 0`],
    ['lists in lists', `${'['.repeat(5_000)}${']'.repeat(5_000)}`],
    ['a list of 2,000', `1 in [${Array(2_000).fill('1').join()}]`],
  ])('is refused for its size: %s', async (_what, expression) => {
    expect(await engine.checkExpression('APPROVAL', expression)).toHaveLength(1);
  });

  it.each<[ExpressionUse, string]>([
    ['APPROVAL', 'task.goal != ""'],
    ['APPROVAL', 'task.deadline == null || task.deadline > now + duration("5m")'],
    ['PRIORITY', '{"priority": task.urgency}'],
    ['PLAN_RETRIEVE', '""'],
    ['AUCTION_INPUT', '{"reserve": 3, "until": now}'],
    ['HEAD_START', 'duration(string(task.urgency) + "s")'],
    ['VALIDATE', 'task.deadline > now ? "" : "too late"'],
  ])('%s may be %s', async (use, expression) => {
    expect(await engine.checkExpression(use, expression)).toEqual([]);
  });
});

describe('an expression that is evaluated', () => {
  it.each<[PolicyKind, string, JsonValue]>([
    ['APPROVAL', 'task.tier == "NORMAL" && task.source == "AUTOMATED"', true],
    ['APPROVAL', '{"needs_human": true, "due": duration("90m")}', { needs_human: true, due: '5400s' }],
    ['APPROVAL', 'task.create_time < now && task.run_at == null', true],
    ['PRIORITY', 'task.input.pages * 10', 120],
    ['PRIORITY', 'int(task.input.price * task.urgency)', 450],
    ['PRIORITY', '{"priority": int(org.base + 0.5) + task.impact}', { priority: 507 }],
    [
      'AUCTION_INPUT',
      '{"cap": 1.5, "kinds": [task.kind], "at": now}',
      { cap: 1.5, kinds: ['ocr.scan'], at: '2026-03-02T10:00:00.000Z' },
    ],
    ['PLAN_RETRIEVE', 'candidates.filter(c, c.cpu != null && c.in_flight < c.slots)[0].agent_id', 'agent-1'],
  ])('%s: %s', async (kind, expression, output) => {
    const input = policyInput({}, { org: { base: 7 }, candidates: [policyCandidate()] });
    expect(await decide(kind, expression, input)).toMatchObject({ ok: true, output });
  });

  it('sees whole numbers of JSON as ints and others as doubles', async () => {
    const input = policyInput({ input: { n: 3, list: [1, 2.5], big: 1e300 } });
    const whole = 'type(task.input.n) == int && type(task.input.list[1]) == double && task.input.big > 1';
    expect(await decide('APPROVAL', whole, input)).toMatchObject({ ok: true, output: true });
  });

  it('is not led astray by the names of fields', async () => {
    const input = policyInput({
      input: JSON.parse('{"constructor": 1, "__proto__": {"a": 2}, "hasOwnProperty": 3}'),
      labels: { constructor: 'x' },
    });
    const named =
      'task.input.constructor == 1 && task.input["__proto__"].a == 2 && task.input.hasOwnProperty == 3';
    expect(await decide('APPROVAL', `${named} && task.labels.constructor == "x"`, input)).toMatchObject({
      output: true,
    });
    expect(await decide('APPROVAL', 'task.labels.all(l, l != "")', input)).toMatchObject({ output: true });
  });

  it('gets what it names, however it names it', async () => {
    const input = policyInput({}, { org: { a: 1, b: 2 } });
    const ways = [
      'cel.bind(t, task, t.labels.env == "prod" && t.input.pages == 12)',
      'task["labels"]["team"] == "books"',
      'org.map(key, org[key]).size() == 2',
      '["a"].all(task, task == "a") && task.kind == "ocr.scan"',
      'task.input.exists(key, key == "files") && org.b == 2',
    ];
    for (const expression of ways) {
      expect(await decide('APPROVAL', expression, input)).toMatchObject({ ok: true, output: true });
    }
  });

  it.each<[string, PolicyKind, string, string]>([
    ['an approval', 'APPROVAL', 'task.input.pages', 'must be a bool or a map, not an int'],
    ['a due time', 'APPROVAL', '{"needs_human": true, "due": duration("-1h")}', 'due must be from'],
    ['a priority', 'PRIORITY', 'task.urgency * 100', 'not 30000'],
    ['a plan', 'PLAN_RETRIEVE', 'task.input.files', "must be an agent's id or a map, not a list"],
    ['an auction', 'AUCTION_INPUT', 'task.input.files', 'must be a map, not a list'],
    ['a number that JSON has not', 'AUCTION_INPUT', '{"a": 1.0 / 0.0}', 'must not hold Infinity'],
  ])('WRONG_RESULT of %s', async (_what, kind, expression, words) => {
    const outcome = await decide(kind, expression, policyInput({}, { candidates: [] }));
    expect(outcome).toMatchObject({ ok: false, failure: 'WRONG_RESULT' });
    expect(outcome?.ok === false && outcome.message).toContain(words);
  });

  it.each<[ExpressionUse & ('HEAD_START' | 'VALIDATE'), string, JsonValue]>([
    ['HEAD_START', 'duration("36h")', '129600s'],
    ['VALIDATE', 'task.deadline > now', true],
    ['VALIDATE', 'size(task.input.files) > 1 ? "" : "too few"', ''],
  ])('%s: %s', async (use, expression, output) => {
    const [[outcome] = []] = await engine.evaluate([{ use, expression, inputs: [policyInput()] }]);
    expect(outcome).toMatchObject({ ok: true, output });
  });

  it('is WRONG_RESULT for a head start of three days', async () => {
    const [[outcome] = []] = await engine.evaluate([
      { use: 'HEAD_START', expression: 'duration("72h")', inputs: [policyInput()] },
    ]);
    expect(outcome).toMatchObject({ ok: false, failure: 'WRONG_RESULT' });
  });

  it('is an ERROR with its place where something is not there', async () => {
    expect(await decide('APPROVAL', 'true &&\n  task.labels.none == "x"')).toMatchObject({
      failure: 'ERROR',
      message: 'line 2, column 15: No such key: none',
    });
  });

  it.each<[string, PolicyInput]>([
    ['a whole number that is none', policyInput({ urgency: 1.5 })],
    ['nothing in place of a number', policyInput({ urgency: null as unknown as number })],
    ['a time that is none', { ...policyInput(), now: Number.NaN }],
  ])('is an ERROR or goes on for an input that is not as it should be: %s', async (_what, input) => {
    const outcome = await decide('APPROVAL', 'task.urgency >= 0 && now.getFullYear() > 2000', input);
    expect(outcome).toMatchObject(Number.isNaN(input.now) ? { output: false } : { failure: 'ERROR' });
    expect(await decide('APPROVAL', 'task.urgency == 300')).toMatchObject({ output: true });
  });

  it('is an ERROR for a time zone that there is not', async () => {
    expect(await decide('APPROVAL', 'now.getHours("Mars/Base") == 1')).toMatchObject({
      failure: 'ERROR',
      message: expect.stringContaining('time zone'),
    });
  });

  it('is TOO_LARGE for all, where parameters that it names are', async () => {
    const large = { 'acme/a': 'x'.repeat(300_000), 'acme/b': 'x'.repeat(300_000) };
    const inputs = Array.from({ length: 3 }, () =>
      policyInput({ goal: 'x'.repeat(300_000) }, { org: large }),
    );
    const [outcomes = []] = await engine.decide([
      { policy: celPolicy('APPROVAL', 'org.size() > 0 && task.goal != ""'), inputs },
    ]);
    expect(outcomes.map((outcome) => !outcome.ok && outcome.failure)).toEqual(Array(3).fill('TOO_LARGE'));
    const [[small] = []] = await engine.decide([
      { policy: celPolicy('APPROVAL', 'org["acme/a"] != "" && task.kind != ""'), inputs: inputs.slice(0, 1) },
    ]);
    expect(small).toMatchObject({ output: true });
  });

  it('is an ERROR, and none of others in its batch, if it never was one', async () => {
    const outcomes = await engine.decide([
      { policy: celPolicy('APPROVAL', 'nobody +'), inputs: [policyInput(), policyInput()] },
      { policy: celPolicy('APPROVAL', 'now > task.create_time'), inputs: [policyInput()] },
    ]);
    expect(outcomes).toMatchObject([[{ failure: 'ERROR' }, { failure: 'ERROR' }], [{ output: true }]]);
  });

  it('answers each input in its place, in a batch of a thousand', async () => {
    const inputs = Array.from({ length: 1_000 }, (_, n) => policyInput({ urgency: n }));
    const calls = ['task.urgency', '1000 - task.urgency'].map((expression) => ({
      policy: celPolicy('PRIORITY', expression),
      inputs,
    }));
    const [up, down] = await engine.decide(calls);
    expect(up?.map((outcome) => outcome.ok && outcome.output)).toEqual(inputs.map((_, n) => n));
    expect(down?.map((outcome) => outcome.ok && outcome.output)).toEqual(inputs.map((_, n) => 1_000 - n));
  });

  it('is TOO_LARGE where its input is, and others of the batch are not', async () => {
    const large = policyInput({ input: { text: 'x'.repeat(600_000) } });
    const [outcomes] = await engine.decide([
      {
        policy: celPolicy('APPROVAL', 'task.input.text != ""'),
        inputs: [large, policyInput({ input: { text: 'a' } })],
      },
    ]);
    expect(outcomes).toMatchObject([
      { ok: false, failure: 'TOO_LARGE' },
      { ok: true, output: true },
    ]);
    expect(await decide('APPROVAL', 'task.kind != ""', large)).toMatchObject({ output: true });
  });

  it('is TOO_LARGE where its answer is', async () => {
    const input = policyInput({ input: Array.from({ length: 20_000 }, (_, n) => n) });
    expect(await decide('AUCTION_INPUT', '{"all": task.input}', input)).toMatchObject({
      failure: 'TOO_LARGE',
    });
  });

  it('knows the time that it is told', async () => {
    expect(await decide('APPROVAL', `now == timestamp("${new Date(NOW).toISOString()}")`)).toMatchObject({
      output: true,
    });
  });
});
