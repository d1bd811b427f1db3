import { describe, expect, it, onTestFinished } from 'vitest';
import { openPolicies } from '../../src/open-policies.js';
import { resolveSettings } from '../../src/settings/resolve-settings.js';
import { systemClock } from '../../src/system/clock.js';
import { SILENT } from './support/remote-world.js';

function setup(mode: 'embedded' | 'fleet', flags: Record<string, string> = {}) {
  const { values } = resolveSettings({ flags });
  const parts = openPolicies({ settings: values, mode, clock: systemClock, log: SILENT });
  onTestFinished(() => parts.stop());
  return (address: string, plaintext = false) => parts.policies.objectionTo(address, plaintext);
}

describe('hosts of remote policies', () => {
  it('may be on the machine itself, without TLS, of a coordinator that only it can reach', async () => {
    const objectionTo = setup('embedded');
    for (const address of ['127.0.0.1:1', '[::1]:1', 'localhost:1']) {
      expect(await objectionTo(address, true)).toBeNull();
    }
    expect(await objectionTo('127.0.0.2:1')).toContain('policy-private-hosts');
    expect(await objectionTo('8.8.8.8:1', true)).toContain('policy-plaintext-hosts');
  });

  it.each([
    ['embedded', { host: '0.0.0.0' }],
    ['fleet', {}],
  ] as const)('may not, of any other: %s %j', async (mode, flags) => {
    const objectionTo = setup(mode, flags);
    expect(await objectionTo('127.0.0.1:1')).toContain('policy-private-hosts');
    expect(await objectionTo('localhost:1')).toContain('policy-private-hosts');
    expect(await objectionTo('127.0.0.1:1', true)).toContain('policy-plaintext-hosts');
  });

  it('are excepted by the settings, each from one of the two rules', async () => {
    const lists = { 'policy-private-hosts': '10.0.0.7, 10.0.0.8', 'policy-plaintext-hosts': '10.0.0.8' };
    const objectionTo = setup('fleet', lists);
    expect(await objectionTo('10.0.0.7:1')).toBeNull();
    expect(await objectionTo('10.0.0.7:1', true)).toContain('policy-plaintext-hosts');
    expect(await objectionTo('10.0.0.8:1', true)).toBeNull();
    expect(await objectionTo('10.0.0.9:1')).toContain('policy-private-hosts');
  });
});
