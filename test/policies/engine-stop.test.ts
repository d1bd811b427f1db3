import { expect, it, onTestFinished } from 'vitest';
import type { Policy } from '../../src/domain/policies/policy.js';
import { openPolicies } from '../../src/open-policies.js';
import { systemClock } from '../../src/system/clock.js';
import { celPolicy, policyInput } from '../support/cel-engine.js';
import { startPolicyServer } from './support/policy-server.js';
import { SILENT } from './support/remote-world.js';

function setup() {
  const settings = { host: '127.0.0.1', policyPrivateHosts: [], policyPlaintextHosts: [] };
  const parts = openPolicies({ settings, mode: 'embedded', clock: systemClock, log: SILENT });
  onTestFinished(() => parts.stop());
  return parts;
}

const STOPPED = { code: 'UNAVAILABLE', reason: 'SHUTTING_DOWN' };

it('a remote policy that is cut off by a stop has not failed: whoever asked is told that the coordinator stops', async () => {
  let called = () => {};
  const isCalled = new Promise<void>((resolve) => {
    called = resolve;
  });
  const { address } = await startPolicyServer({
    reply() {
      called();
      return 'HANG';
    },
  });
  const { policies, stop } = setup();
  const policy: Omit<Policy, 'onError'> = {
    org: 'acme',
    policyId: 'slow',
    version: 1,
    kind: 'APPROVAL',
    rule: { kind: 'REMOTE', address, plaintext: true },
    deadlineMs: 30_000,
    description: '',
    createTime: 0,
    actor: '',
    deleted: false,
  };
  const asked = expect(policies.decide([{ policy, inputs: [policyInput()] }])).rejects.toMatchObject(STOPPED);
  await isCalled;
  await stop();
  await asked;
});

it('neither has one in CEL, nor a schema, nor an expression', async () => {
  const { policies, stop } = setup();
  const schema = { org: 'acme', kind: 'k', version: 1, schema: { type: 'object' }, inputs: [{}] };
  const asked = [
    policies.decide([{ policy: celPolicy('APPROVAL', 'true'), inputs: [policyInput()] }]),
    policies.evaluate([{ use: 'VALIDATE', expression: 'true', inputs: [policyInput()] }]),
    policies.validate([schema]),
    policies.checkExpression('APPROVAL', 'true'),
    policies.checkSchema({ type: 'object' }),
  ].map((answer) => expect(answer).rejects.toMatchObject(STOPPED));
  await stop();
  await Promise.all(asked);
  await expect(policies.evaluate([])).rejects.toMatchObject(STOPPED);
});
