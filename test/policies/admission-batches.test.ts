import { describe, expect, test } from 'vitest';
import type { ReeveError } from '../../src/domain/errors.js';
import { applicant, judgedOf, NOW, setup } from './support/admission-world.js';

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
