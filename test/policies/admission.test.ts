import { describe, expect, test } from 'vitest';
import type { OrgConfig } from '../../src/domain/config/org-config.js';
import type { JsonValue } from '../../src/domain/json.js';
import type { OnPolicyError } from '../../src/domain/policies/policy.js';
import { FCFS, TIER_AGING } from '../../src/domain/tasks/tier.js';
import { admitTasks } from '../../src/usecases/admission/admit-tasks.js';
import { rankAgain } from '../../src/usecases/admission/rank-again.js';
import { Failing } from '../support/scripted-policies.js';
import { applicant, HOUR, judgedOf, NOW, names, PRINCIPAL, setup } from './support/admission-world.js';

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
    expect(decisions).toMatchObject([{ by: { policyId: approval, version: 0 }, failure: 'MISSING' }]);
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
    expect(decisions).toMatchObject([{ by: { kind: 'PRIORITY' }, failure: 'RUNAWAY' }]);
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
    expect(judgedOf(judged[0]).decisions).toMatchObject([
      { by: { kind: 'PRIORITY', policyId: '' }, output: '7s' },
    ]);
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
    expect(decisions.map(({ by }) => by.policyId)).toEqual(['rank', '']);
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
