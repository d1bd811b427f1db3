import { describe, expect, test } from 'vitest';
import { DEFAULT_ORG_CONFIG, type OrgConfig } from '../../src/domain/config/org-config.js';
import { ReeveError } from '../../src/domain/errors.js';
import type { JobKind } from '../../src/domain/jobs/job-kind.js';
import type { JsonValue } from '../../src/domain/json.js';
import type { OnPolicyError, Policy } from '../../src/domain/policies/policy.js';
import type { PolicyInput } from '../../src/domain/policies/policy-input.js';
import { NO_POLICIES, NO_ROUTING, NO_TERMS, type Terms } from '../../src/domain/tasks/terms.js';
import { FCFS, TIER_AGING } from '../../src/domain/tasks/tier.js';
import type { ExpressionCall, PolicyCall, PolicyEngine, SchemaCall } from '../../src/ports/policy-engine.js';
import { NO_POLICY_ENGINE } from '../../src/ports/policy-engine.js';
import { admitTasks } from '../../src/usecases/admission/admit-tasks.js';
import type { Applicant, Judged } from '../../src/usecases/admission/applicant.js';
import { rankAgain } from '../../src/usecases/admission/rank-again.js';
import type { Ports } from '../../src/usecases/ports.js';
import { plainSpec } from '../support/plain-task.js';
import { Failing } from '../support/scripted-policies.js';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const PRINCIPAL = { org: 'acme', subject: 'ann', roles: [] };

type Answers = (input: PolicyInput, policyId: string) => JsonValue;

/** An organisation with policies whose answers are written here, and what its engine was asked. */
function setup({
  config = {},
  policies = [],
  kinds = [],
  decide = () => true,
  evaluate = () => '0s',
  validate = () => [],
  inputs = {},
  headStarts = TIER_AGING,
}: {
  config?: Partial<OrgConfig>;
  policies?: readonly (Partial<Policy> & Pick<Policy, 'policyId' | 'kind'>)[];
  kinds?: readonly (Partial<JobKind> & Pick<JobKind, 'kind'>)[];
  decide?: Answers;
  evaluate?: (input: PolicyInput) => JsonValue;
  validate?: (input: JsonValue) => Awaited<ReturnType<PolicyEngine['validate']>>[number][number];
  inputs?: Readonly<Record<string, JsonValue>>;
  headStarts?: typeof TIER_AGING;
}) {
  const asked: (readonly PolicyCall[])[] = [];
  const evaluated: (readonly ExpressionCall[])[] = [];
  const validated: (readonly SchemaCall[])[] = [];
  const read: string[] = [];
  const outcome = (answer: () => JsonValue) => {
    try {
      return { ok: true, output: answer(), tookMs: 0.5 } as const;
    } catch (error) {
      if (error instanceof Failing) return error.outcome;
      throw error;
    }
  };
  const engine: PolicyEngine = {
    ...NO_POLICY_ENGINE,
    async decide(calls) {
      asked.push(calls);
      return calls.map(({ policy, inputs: given }) =>
        given.map((input) => outcome(() => decide(input, policy.policyId))),
      );
    },
    async evaluate(calls) {
      evaluated.push(calls);
      return calls.map(({ inputs: given }) => given.map((input) => outcome(() => evaluate(input))));
    },
    async validate(calls) {
      validated.push(calls);
      return calls.map(({ inputs: given }) => given.map(validate));
    },
  };
  const snapshot = {
    org: 'acme',
    version: 1,
    config: { ...DEFAULT_ORG_CONFIG, ...config },
    policies: new Map(policies.map((over) => [over.policyId, policyOf(over)])),
    jobKinds: new Map(kinds.map((over) => [over.kind, kindOf(over)])),
  };
  const text = new TextDecoder();
  const ports = {
    policies: engine,
    orgRules: { of: () => snapshot, known: () => snapshot, onChanged() {}, changed: async () => undefined },
    clock: { now: () => NOW, monotonic: () => 0, after: () => () => undefined },
    rules: { headStarts },
    specs: {
      termsOf: () => NO_TERMS,
      inputOf(body: Uint8Array) {
        const name = text.decode(body);
        read.push(name);
        return inputs[name] ?? null;
      },
      hasInput: (body: Uint8Array) => text.decode(body) in inputs,
    },
  } as unknown as Ports;
  const admit = async (...applicants: Applicant[]) => admitTasks(ports)(PRINCIPAL, applicants);
  return { ports, snapshot, admit, asked, evaluated, validated, read };
}

function policyOf(over: Partial<Policy> & Pick<Policy, 'policyId' | 'kind'>): Policy {
  return {
    org: 'acme',
    version: 4,
    rule: { kind: 'CEL', expression: 'task.kind' },
    onError: 'DEFAULT',
    deadlineMs: null,
    description: '',
    createTime: 0,
    actor: '',
    deleted: false,
    ...over,
  };
}

function kindOf(over: Partial<JobKind> & Pick<JobKind, 'kind'>): JobKind {
  const empty = { org: 'acme', inputSchema: null, requiredFields: [], validate: '', description: '' };
  return { ...empty, version: 2, updateTime: 0, actor: '', ...over };
}

let ids = 0;
function applicant(
  spec: Parameters<typeof plainSpec>[1] = {},
  terms: Partial<Terms> = {},
  body = '',
): Applicant {
  return {
    taskId: `t${++ids}`,
    spec: plainSpec('ocr', { ...spec, body: new TextEncoder().encode(body) }),
    terms: Object.keys(terms).length === 0 ? NO_TERMS : { ...NO_TERMS, ...terms },
    requireCandidate: false,
    createTime: NOW,
  };
}

const names = (refs: Partial<Terms['policies']>) => ({
  policies: { ...NO_POLICIES, ...refs },
  routing: NO_ROUTING,
});

function judgedOf(one: Judged | ReeveError | undefined): Judged {
  if (!one || one instanceof ReeveError) throw one ?? new Error('no answer');
  return one;
}

describe('tasks of an organisation that has set nothing', () => {
  test('are accepted at once, by their tier, and nobody is asked', () => {
    const { ports, asked } = setup({});
    const answer = admitTasks(ports)(PRINCIPAL, [applicant({ tier: 'HIGH' }), applicant({ tier: 'LOW' })]);
    expect(answer).toBeInstanceOf(Array);
    expect(answer).toMatchObject([
      { headStartMs: 12 * HOUR, admission: { kind: 'ACCEPTED' }, decisions: [] },
      { headStartMs: 0, admission: { kind: 'ACCEPTED' }, decisions: [] },
    ]);
    expect(asked).toEqual([]);
  });
});

describe('approval', () => {
  const gate = { policyId: 'gate', kind: 'APPROVAL' } as const;
  const config = { approvalPolicy: 'gate' };

  test.each<[string, JsonValue, object]>([
    ['true accepts', true, { kind: 'ACCEPTED' }],
    ['false rejects', false, { kind: 'REJECTED', reason: 'policy gate did not accept it' }],
    [
      'a reason goes along',
      { accepted: false, reason: 'too dear' },
      { kind: 'REJECTED', reason: 'too dear' },
    ],
    [
      'needs_human asks, within the time of the organisation',
      { needs_human: true, reason: 'look' },
      {
        kind: 'AWAITING_APPROVAL',
        reason: 'look',
        policyId: 'gate',
        policyVersion: 4,
        dueTime: NOW + 24 * HOUR,
        defaultVerdict: 'REJECT',
      },
    ],
    [
      'or within its own',
      { needs_human: true, due: '60s' },
      { kind: 'AWAITING_APPROVAL', dueTime: NOW + 60_000, reason: 'policy gate asks for a person' },
    ],
  ])('%s', async (_name, answer, admission) => {
    const { admit } = setup({ config, policies: [gate], decide: () => answer });
    expect(judgedOf((await admit(applicant()))[0]).admission).toMatchObject(admission);
  });

  test.each<[OnPolicyError, string]>([
    ['REJECT', 'REJECTED'],
    ['ACCEPT', 'ACCEPTED'],
    ['DEFAULT', 'REJECTED'],
  ])('a policy that fails with on_error %s: %s', async (onError, kind) => {
    const decide = () => {
      throw new Failing('DEADLINE', 'no answer in 50 ms');
    };
    const { admit } = setup({ config, policies: [{ ...gate, onError }], decide });
    const { admission, decisions } = judgedOf((await admit(applicant()))[0]);
    expect(admission.kind).toBe(kind);
    if (admission.kind === 'REJECTED')
      expect(admission.reason).toBe('approval policy gate gave no answer: DEADLINE: no answer in 50 ms');
    expect(decisions).toMatchObject([{ failure: 'DEADLINE', output: null, message: 'no answer in 50 ms' }]);
  });

  test('an answer that the kind does not take is a failure too', async () => {
    const { admit } = setup({ config, policies: [gate], decide: () => ({ needs_humans: true }) });
    const { admission, decisions } = judgedOf((await admit(applicant()))[0]);
    expect(admission.kind).toBe('REJECTED');
    expect(decisions).toMatchObject([{ failure: 'WRONG_RESULT', output: { needs_humans: true } }]);
  });

  test.each([
    ['does not exist', 'none', 'policy none does not exist'],
    ['is of another kind', 'rank', 'policy rank is of the kind PRIORITY, not APPROVAL'],
  ])('a policy that %s: rejected, with why', async (_what, approval, why) => {
    const { admit, asked } = setup({ policies: [{ policyId: 'rank', kind: 'PRIORITY' }] });
    const { admission, decisions } = judgedOf((await admit(applicant({}, names({ approval }))))[0]);
    expect(admission).toMatchObject({ kind: 'REJECTED', reason: expect.stringContaining(why) });
    expect(decisions).toMatchObject([{ policyId: approval, version: 0, failure: 'MISSING' }]);
    expect(asked).toEqual([]);
  });

  test("the task's own policy comes before the organisation's", async () => {
    const { admit } = setup({
      config,
      policies: [gate, { policyId: 'own', kind: 'APPROVAL' }],
      decide: (_input, policyId) => policyId === 'own',
    });
    const judged = await admit(applicant({}, names({ approval: 'own' })), applicant());
    expect(judged.map((one) => judgedOf(one).admission.kind)).toEqual(['ACCEPTED', 'REJECTED']);
  });
});

describe('priority', () => {
  const rank = { policyId: 'rank', kind: 'PRIORITY' } as const;
  const config = { priorityPolicy: 'rank' };

  test('a policy says how far ahead a task goes, whatever its tier', async () => {
    const { admit } = setup({ config, policies: [rank], decide: ({ task }) => task.urgency });
    const judged = await admit(applicant({ tier: 'LOW' }, { urgency: 800 }), applicant({ tier: 'HIGH' }));
    expect(judged.map((one) => judgedOf(one).headStartMs)).toEqual([24 * HOUR, 0]);
  });

  test.each<[OnPolicyError, string]>([
    ['REJECT', 'REJECTED'],
    ['ACCEPT', 'ACCEPTED'],
    ['DEFAULT', 'ACCEPTED'],
  ])('a policy that fails with on_error %s: %s, by its tier', async (onError, kind) => {
    const decide = () => {
      throw new Failing('RUNAWAY');
    };
    const { admit } = setup({ config, policies: [{ ...rank, onError }], decide });
    const { admission, headStartMs, decisions } = judgedOf((await admit(applicant({ tier: 'HIGH' })))[0]);
    expect(admission.kind).toBe(kind);
    expect(headStartMs).toBe(12 * HOUR);
    expect(decisions).toMatchObject([{ kind: 'PRIORITY', failure: 'RUNAWAY' }]);
  });

  test('the expression of the formula is asked once for all of a batch', async () => {
    const { admit, evaluated } = setup({
      config: { priorityFormula: 'weighted', priorityExpression: 'duration(string(task.impact) + "s")' },
      evaluate: ({ task }) => `${task.impact}s`,
    });
    const judged = await admit(applicant({}, { impact: 7 }), applicant({}, { impact: 9 }));
    expect(judged.map((one) => judgedOf(one).headStartMs)).toEqual([7_000, 9_000]);
    expect(evaluated).toHaveLength(1);
    expect(evaluated[0]?.[0]?.inputs).toHaveLength(2);
    expect(judgedOf(judged[0]).decisions).toMatchObject([{ kind: 'PRIORITY', policyId: '', output: '7s' }]);
  });

  test('an expression that fails leaves what is built in', async () => {
    const evaluate = () => {
      throw new Failing('ERROR', 'no such key');
    };
    const formula = { priorityFormula: 'weighted', priorityExpression: 'x' } as const;
    const { admit } = setup({ config: formula, evaluate });
    const { headStartMs, admission, decisions } = judgedOf(
      (await admit(applicant({}, { urgency: 1_000 })))[0],
    );
    expect(headStartMs).toBe(27.6 * HOUR);
    expect(admission.kind).toBe('ACCEPTED');
    expect(decisions).toMatchObject([{ failure: 'ERROR', message: 'no such key' }]);
  });

  test('a failing policy gives way to the formula, whose expression is asked', async () => {
    const decide = () => {
      throw new Failing('ERROR');
    };
    const both = { ...config, priorityFormula: 'weighted', priorityExpression: 'x' } as const;
    const { admit } = setup({ config: both, policies: [rank], decide, evaluate: () => '5s' });
    const { headStartMs, decisions } = judgedOf((await admit(applicant()))[0]);
    expect(headStartMs).toBe(5_000);
    expect(decisions.map(({ policyId }) => policyId)).toEqual(['rank', '']);
  });

  test('formulas and head starts of the organisation, over those of the server', async () => {
    const of = async (own: Partial<OrgConfig>, headStarts = TIER_AGING) => {
      const { admit } = setup({ config: own, headStarts });
      const task = applicant({ tier: 'HIGH' }, { priority: 500 });
      return judgedOf((await admit(task))[0]).headStartMs / HOUR;
    };
    expect(await of({ priorityFormula: 'submitter' })).toBe(24);
    expect(await of({ priorityFormula: 'fcfs' })).toBe(0);
    expect(await of({ priorityFormula: 'tier_aging' }, FCFS)).toBe(12);
    expect(await of({}, FCFS)).toBe(0);
    expect(await of({ headStarts: { HIGH: HOUR } })).toBe(1);
  });

  test('a task that is changed is weighed again, and accepted whatever its policy says of errors', async () => {
    const decide = () => {
      throw new Failing('UNAVAILABLE');
    };
    const { ports, snapshot } = setup({ config, policies: [{ ...rank, onError: 'REJECT' }], decide });
    const rankOf = await rankAgain(ports, snapshot, applicant({ tier: 'URGENT' }));
    expect(rankOf).toMatchObject({ headStartMs: 24 * HOUR, decisions: [{ failure: 'UNAVAILABLE' }] });
  });
});

describe('a batch', () => {
  const policies = [
    { policyId: 'gate', kind: 'APPROVAL' },
    { policyId: 'rank', kind: 'PRIORITY', rule: { kind: 'CEL', expression: 'task.input.n + org.base' } },
  ] as const;
  const config = { approvalPolicy: 'gate', priorityPolicy: 'rank', values: { base: 1 } };

  test('is asked about in one message, each policy once, with one input a task', async () => {
    const { admit, asked, read } = setup({
      config,
      policies,
      decide: (_i, id) => (id === 'gate' ? true : 400),
    });
    await admit(...Array.from({ length: 20 }, () => applicant()));
    expect(asked).toHaveLength(1);
    expect(asked[0]?.map(({ policy, inputs }) => [policy.policyId, inputs.length])).toEqual([
      ['gate', 20],
      ['rank', 20],
    ]);
    expect(asked[0]?.[0]?.inputs[3]).toBe(asked[0]?.[1]?.inputs[3]);
    expect(read).toHaveLength(20);
  });

  test('is told what its rules name: now, org, and the input only where one names it', async () => {
    const [gate] = policies;
    const { admit, asked, read } = setup({
      config: { approvalPolicy: 'gate', values: { base: 1 } },
      policies: [gate],
    });
    await admit(applicant({ labels: { a: 'b' } }, {}, 'doc'));
    expect(asked[0]?.[0]?.inputs[0]).toMatchObject({
      now: NOW,
      org: { base: 1 },
      task: { labels: { a: 'b' } },
    });
    expect(asked[0]?.[0]?.inputs[0]?.task).not.toHaveProperty('input');
    expect(read).toEqual([]);
  });

  test('leaves in the trail what each rule looked at, and no more', async () => {
    const large = 'x'.repeat(20_000);
    const { admit } = setup({
      config,
      policies,
      decide: (_i, id) => (id === 'gate' ? { accepted: true, reason: 'ok \0' } : 400),
      inputs: { small: { n: 'a\0b' }, large },
    });
    const [small, big] = await admit(applicant({}, {}, 'small'), applicant({}, {}, 'large'));
    const [gate, rank] = judgedOf(small).decisions;
    expect(gate).toMatchObject({ kind: 'APPROVAL', policyId: 'gate', version: 4, tookMs: 0.5, time: NOW });
    expect(gate?.input.task).not.toHaveProperty('input');
    expect(gate?.input.org).toEqual({});
    expect(gate?.output).toEqual({ accepted: true, reason: 'ok \ufffd' });
    expect(rank?.input).toMatchObject({ task: { input: { n: 'a\ufffdb' } }, org: { base: 1 } });
    const left = judgedOf(big).decisions[1];
    expect(left?.input.task).not.toHaveProperty('input');
    expect(left?.message).toBe("left out: the task's input of 20002 characters");
  });

  test('what was rejected is not weighed', async () => {
    const { admit, evaluated } = setup({
      config: { approvalPolicy: 'gate', priorityFormula: 'weighted', priorityExpression: 'x' },
      policies: [{ policyId: 'gate', kind: 'APPROVAL' }],
      decide: ({ task }) => task.kind !== 'dear',
    });
    const judged = await admit(applicant(), applicant({ kind: 'dear' }));
    expect(judged.map((one) => judgedOf(one).admission.kind)).toEqual(['ACCEPTED', 'REJECTED']);
    expect(evaluated[0]?.[0]?.inputs).toHaveLength(1);
  });
});

describe('the job parser', () => {
  const schema = { type: 'object' };

  test('refuses what lacks fields that its kind has to have, and says each', async () => {
    const requiredFields = ['goal', 'intent', 'job_space_id', 'deadline', 'input', 'labels.customer'];
    const { admit } = setup({ kinds: [{ kind: 'ocr', requiredFields }], inputs: { doc: 1 } });
    const whole = { goal: 'g', intent: 'i', jobSpaceId: 'j', deadline: NOW, labels: { customer: 'c' } };
    const [bad, good, other] = await admit(
      applicant(),
      applicant(whole, {}, 'doc'),
      applicant({ kind: 'another' }),
    );
    expect(bad).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'JOB_INVALID' });
    expect((bad as ReeveError).details.violations?.map(({ field }) => field)).toEqual(
      requiredFields.map((field) => `task.${field}`),
    );
    expect(judgedOf(good).admission.kind).toBe('ACCEPTED');
    expect(judgedOf(other).admission.kind).toBe('ACCEPTED');
  });

  test('refuses an input that breaks the schema, and asks once for a batch', async () => {
    const { admit, validated } = setup({
      kinds: [{ kind: 'ocr', inputSchema: schema }],
      inputs: { good: { pages: [1] }, bad: { pages: ['x'] } },
      validate: (input) =>
        JSON.stringify(input).includes('x') ? [{ path: '/pages/0', message: 'must be integer' }] : [],
    });
    const [good, bad] = await admit(applicant({}, {}, 'good'), applicant({}, {}, 'bad'));
    expect(judgedOf(good).admission.kind).toBe('ACCEPTED');
    expect(bad).toMatchObject({ message: 'task.input/pages/0: must be integer' });
    expect(validated).toHaveLength(1);
    expect(validated[0]).toMatchObject([{ kind: 'ocr', version: 2, schema, inputs: [{ pages: [1] }, {}] }]);
  });

  test('refuses what could not be checked in time, with that reason', async () => {
    const validate = () => ({ failure: 'RUNAWAY' }) as const;
    const { admit } = setup({ kinds: [{ kind: 'ocr', inputSchema: schema }], validate });
    expect((await admit(applicant()))[0]).toMatchObject({
      reason: 'JOB_INVALID',
      message: 'task.input: could not be checked against the schema of ocr: RUNAWAY',
    });
  });

  test('comes first: nobody is asked to approve what is broken', async () => {
    const { admit, asked } = setup({
      config: { approvalPolicy: 'gate' },
      policies: [{ policyId: 'gate', kind: 'APPROVAL' }],
      kinds: [{ kind: 'ocr', requiredFields: ['goal'] }],
    });
    await admit(applicant(), applicant({ goal: 'g' }));
    expect(asked[0]?.[0]?.inputs).toHaveLength(1);
  });
});
