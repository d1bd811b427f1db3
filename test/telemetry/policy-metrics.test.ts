import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { NO_POLICY_ENGINE, type PolicyOutcome } from '../../src/ports/policy-engine.js';
import { countedPolicies, createPolicyMetrics } from '../../src/telemetry/policy-metrics.js';
import { celPolicy, policyInput } from '../support/cel-engine.js';

const OK: PolicyOutcome = { ok: true, output: true, tookMs: 1 };
const ERROR: PolicyOutcome = { ok: false, failure: 'ERROR', message: 'no such key', tookMs: 1 };

it('answers of policies are counted by kind and outcome, runaways and open breakers as they stand', async () => {
  const registry = new Registry();
  let runaways = 2;
  const policyFigures = () => ({ runaways, openBreakers: 3 });
  const metrics = createPolicyMetrics(registry, { policyFigures });
  const answers = [[OK, ERROR, OK], [OK]];
  const engine = countedPolicies({ ...NO_POLICY_ENGINE, decide: async () => answers }, metrics.decided);
  const inputs = [policyInput()];
  const calls = [
    { policy: celPolicy('APPROVAL', 'true'), inputs },
    { policy: celPolicy('PRIORITY', '1'), inputs },
  ];
  expect(await engine.decide(calls)).toBe(answers);
  await engine.decide(calls);
  metrics.look();
  runaways = 5;
  metrics.look();
  const text = await registry.metrics();
  expect(text.split('\n').filter((line) => line.startsWith('reeve_'))).toEqual([
    'reeve_policy_decisions_total{kind="APPROVAL",outcome="ERROR"} 2',
    'reeve_policy_decisions_total{kind="APPROVAL",outcome="ok"} 4',
    'reeve_policy_decisions_total{kind="PRIORITY",outcome="ok"} 2',
    'reeve_policy_runaways_total 5',
    'reeve_policy_breakers_open 3',
  ]);
});
