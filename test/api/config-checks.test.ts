import { describe, expect, test } from 'vitest';
import type { Principal } from '../../src/domain/access/principal.js';
import type { ReeveError } from '../../src/domain/errors.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { ConfigRecord } from '../../src/ports/config-record.js';
import { NO_EXPRESSION_ENGINE } from '../../src/ports/expression-engine.js';
import { NO_POLICY_ENGINE, type PolicyEngine } from '../../src/ports/policy-engine.js';
import { createJobKindChanges } from '../../src/usecases/config/change-job-kind.js';
import { createParameterChanges } from '../../src/usecases/config/change-parameter.js';
import { FakeClock } from '../support/fake-clock.js';
import { NO_RECORDS } from '../support/no-policies.js';

const ANN: Principal = { org: 'acme', subject: 'ann', roles: ['admin'] };

/** Changes that are checked by an engine of this test's own, and never written. */
function setup(engine: Partial<PolicyEngine>, stored: Readonly<Record<string, string>> = {}) {
  const parameters = Object.entries(stored).map(([key, value]) => ({
    ...{ key, value, version: 1, updateTime: 0, actor: 'ann' },
  }));
  const asked: unknown[] = [];
  const config: ConfigRecord = {
    ...NO_RECORDS.config,
    readRules: async () => ({ version: 1, parameters, policies: [], jobKinds: [] }),
  };
  const noted: PolicyEngine = {
    ...NO_POLICY_ENGINE,
    ...engine,
    checkExpression(use, expression) {
      asked.push([use, expression]);
      return (engine.checkExpression ?? NO_POLICY_ENGINE.checkExpression)(use, expression);
    },
  };
  const ports = { clock: new FakeClock(), policies: noted, expressions: NO_EXPRESSION_ENGINE };
  const parameterChanges = createParameterChanges({ ports, config });
  const jobKindChanges = createJobKindChanges({ ports, config });
  return {
    asked,
    set: (key: string, value: string | boolean) =>
      parameterChanges.set(ANN, { key, value, expected: null, validateOnly: true }),
    put: (validate: string, inputSchema: JsonObject | null = null) =>
      jobKindChanges.put(ANN, {
        jobKind: {
          kind: 'crawl',
          inputSchema,
          requiredFields: [],
          validate,
          description: '',
          preemptible: false,
        },
        expected: null,
        validateOnly: true,
      }),
  };
}

const refusal = async (call: Promise<unknown>): Promise<ReeveError> =>
  call.then(
    () => {
      throw new Error('not refused');
    },
    (error: ReeveError) => error,
  );

const PROBLEM = { line: 2, column: 7, message: "unknown variable 'tsk'" };

describe('CEL in the configuration', () => {
  test('is compiled for what it is for before it is stored', async () => {
    const { set, put, asked } = setup({});
    await set('priority_expression', "duration('1h')");
    await put('task.tier == "LOW"');
    expect(asked).toEqual([
      ['HEAD_START', "duration('1h')"],
      ['VALIDATE', 'task.tier == "LOW"'],
    ]);
  });

  test('that does not compile is refused with line and column, all that is wrong at once', async () => {
    const whole = { line: 0, column: 0, message: 'too long' };
    const { set, put } = setup({ checkExpression: async () => [PROBLEM, whole] });
    const expression = await refusal(set('priority_expression', 'tsk'));
    expect(expression).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'EXPRESSION_INVALID' });
    expect(expression.message).toBe("value: line 2, column 7: unknown variable 'tsk' (and 1 more)");
    expect(expression.details.violations).toEqual([
      { field: 'value', description: "line 2, column 7: unknown variable 'tsk'" },
      { field: 'value', description: 'too long' },
    ]);
    const kind = await refusal(put('tsk'));
    expect(kind).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'JOB_KIND_INVALID' });
    expect(kind.message).toBe("job_kind.validate: line 2, column 7: unknown variable 'tsk' (and 1 more)");
  });
});

test('a schema that does not compile is refused; one that is too deep is not even looked at', async () => {
  let looks = 0;
  const { put } = setup({
    checkSchema: async () => {
      looks++;
      return [{ line: 0, column: 0, message: 'type must be a word' }];
    },
  });
  const wrong = await refusal(put('', { type: 7 }));
  expect(wrong.message).toBe('job_kind.input_schema: type must be a word');
  expect(looks).toBe(1);
  let deep: JsonObject = {};
  for (let i = 0; i < 70; i++) deep = { not: deep };
  expect((await refusal(put('', deep))).message).toContain('must not be nested deeper than 64');
  expect(looks).toBe(1);
});

test('an address is one that rules allow, with TLS or without as it is set', async () => {
  const objectionTo = async (address: string, plaintext: boolean) =>
    address.startsWith('10.') ? 'is in a private range' : plaintext ? 'has no TLS' : null;
  const fresh = setup({ objectionTo });
  expect((await refusal(fresh.set('role_directory_address', '10.0.0.1:443'))).message).toContain(
    'is in a private range',
  );
  await fresh.set('role_directory_address', 'roles.example:443');
  const stored = setup({ objectionTo }, { role_directory_address: 'roles.example:443' });
  expect((await refusal(stored.set('role_directory_plaintext', true))).message).toContain('has no TLS');
  await stored.set('role_directory_plaintext', false);
  await stored.set('role_directory', 'remote');
  expect((await refusal(stored.set('context_provider_address', '10.0.0.1:443'))).message).toContain(
    'would have the ContextProviderService at 10.0.0.1:443: is in a private range',
  );
  await stored.set('context_provider_plaintext', true);
  const provided = setup({ objectionTo }, { context_provider_address: 'found.example:443' });
  expect((await refusal(provided.set('context_provider_plaintext', true))).message).toContain('has no TLS');
  await provided.set('context_provider_address', 'other.example:443');
});
