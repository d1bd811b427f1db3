import { expect, test } from 'vitest';
import type { Principal } from '../../src/domain/access/principal.js';
import type { ConfigRecord } from '../../src/ports/config-record.js';
import { NO_EXPRESSION_ENGINE } from '../../src/ports/expression-engine.js';
import { NO_POLICY_ENGINE } from '../../src/ports/policy-engine.js';
import { createParameterChanges } from '../../src/usecases/config/change-parameter.js';
import { deletePolicy } from '../../src/usecases/config/delete-policy.js';
import { FakeClock } from '../support/fake-clock.js';
import { type ConfigWorld, done } from './config-record-world.js';

/** What is set names what is there, whoever changes something between the check and the write. */
export function describeReferences(setup: () => ConfigWorld): void {
  const ports = { clock: new FakeClock(), policies: NO_POLICY_ENGINE, expressions: NO_EXPRESSION_ENGINE };

  /** The same record; `meanwhile` happens each time after the rules were read. */
  const between = (config: ConfigRecord, meanwhile: (reads: number) => Promise<unknown>): ConfigRecord => {
    let reads = 0;
    return {
      ...config,
      async readRules(org) {
        const rules = await config.readRules(org);
        await meanwhile(++reads);
        return rules;
      },
    };
  };

  function world() {
    const { config, org, put, set } = setup();
    const ann: Principal = { org, subject: 'ann', roles: ['admin'] };
    return {
      ...{ config, put, set },
      parameters: async () =>
        new Map((await config.listParameters(org)).map(({ key, value }) => [key, value])),
      policies: async () => (await config.listPolicies(org)).map(({ policyId }) => policyId),
      name: (on: ConfigRecord, key: string, value: string) =>
        createParameterChanges({ ports, config: on }).set(ann, {
          ...{ key, value, expected: null, validateOnly: false },
        }),
      unset: (on: ConfigRecord, key: string) =>
        createParameterChanges({ ports, config: on }).delete(ann, {
          key,
          expected: null,
          validateOnly: false,
        }),
      remove: (on: ConfigRecord, policyId: string) => deletePolicy(on, ann, { policyId, expected: null }),
      removeAtOnce: (policyId: string) =>
        config.deletePolicy({ org, policyId, expected: null, asOf: null, actor: 'bob' }),
      setAsOf: (asOf: number) =>
        config.setParameter({ org, key: 'a.b', value: 1, expected: null, asOf, actor: 'ann' }),
      version: () => config.versionOf(org),
    };
  }

  test('a change that was checked against other rules is not made', async () => {
    const { setAsOf, version, parameters } = world();
    expect(await setAsOf(7)).toEqual({ kind: 'RULES_CHANGED' });
    expect([await version(), await parameters()]).toEqual([0, new Map()]);
    done(await setAsOf(0));
    expect(await setAsOf(0)).toEqual({ kind: 'RULES_CHANGED' });
    expect(await version()).toBe(1);
    done(await setAsOf(1));
  });

  test('a policy that is named while it is about to be deleted stays', async () => {
    const { config, put, set, remove, policies } = world();
    await put('gate');
    const slow = between(config, async (reads) => reads === 1 && set('approval_policy', 'gate'));
    await expect(remove(slow, 'gate')).rejects.toMatchObject({ reason: 'POLICY_IN_USE' });
    expect(await policies()).toEqual(['gate']);
  });

  test('a policy that is deleted while it is about to be named is not named', async () => {
    const { config, put, name, removeAtOnce, parameters } = world();
    await put('gate');
    const slow = between(config, async (reads) => reads === 1 && removeAtOnce('gate'));
    await expect(name(slow, 'approval_policy', 'gate')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await parameters()).toEqual(new Map());
  });

  test('the address of a directory stays if the directory is set meanwhile', async () => {
    const { config, set, unset, parameters } = world();
    await set('role_directory_address', 'localhost:9');
    const slow = between(config, async (reads) => reads === 1 && set('role_directory', 'remote'));
    await expect(unset(slow, 'role_directory_address')).rejects.toMatchObject({ reason: 'CONFIG_IN_USE' });
    expect((await parameters()).has('role_directory_address')).toBe(true);
  });

  test('what others change in between has a change checked anew, not for ever', async () => {
    const { config, put, set, name, remove, parameters, policies } = world();
    await put('gate');
    await put('old');
    const busy = between(config, async (reads) => reads < 5 && set('a.b', reads));
    expect((await name(busy, 'approval_policy', 'gate')).value).toBe('gate');
    const never = between(config, (reads) => set('a.b', reads));
    const aborted = { code: 'ABORTED', reason: 'RULES_CHANGED' };
    await expect(name(never, 'approval_policy', 'old')).rejects.toMatchObject(aborted);
    await expect(remove(never, 'old')).rejects.toMatchObject(aborted);
    expect((await parameters()).get('approval_policy')).toBe('gate');
    expect(await policies()).toEqual(['gate', 'old']);
  });
}
