import { expect, test } from 'vitest';
import { MAX_POLICIES, MAX_POLICY_VERSIONS } from '../../src/ports/config-record.js';
import { type ConfigWorld, done } from './config-record-world.js';

/** What records of configuration must do with policies. */
export function describePolicies(setup: () => ConfigWorld): void {
  test('a policy keeps all its versions, newest first', async () => {
    const { config, org, put } = setup();
    const first = done(await put('p', { description: 'one', deadlineMs: 20 }));
    const remote = { kind: 'REMOTE', address: 'rules.example:443', plaintext: false } as const;
    const second = done(await put('p', { rule: remote, onError: 'ACCEPT' }));
    expect(first).toMatchObject({ version: 1, description: 'one', deadlineMs: 20, deleted: false });
    expect(second).toMatchObject({ version: 2, rule: remote, onError: 'ACCEPT', deadlineMs: null });
    const other = done(await put('a'));
    expect(await config.listPolicies(org)).toEqual([other, second]);
    expect((await config.readRules(org)).policies).toEqual([other, second]);
    expect(await config.getPolicy(org, 'p', 1)).toEqual(first);
    expect(await config.getPolicy(org, 'p', 3)).toBeNull();
    expect(await config.listPolicyVersions(org, 'p', null, 10)).toEqual([second, first]);
    expect(await config.listPolicyVersions(org, 'p', 2, 10)).toEqual([first]);
    expect(await config.listPolicyVersions(org, 'p', null, 1)).toEqual([second]);
  });

  test('a policy is put as it was read, and stays of its kind', async () => {
    const { put } = setup();
    const first = done(await put('p', {}, 0));
    expect(await put('p', {}, 0)).toEqual({ kind: 'CHANGED_SINCE', found: first });
    expect(await put('p', { kind: 'PRIORITY' }, 1)).toEqual({ kind: 'OTHER_KIND', found: first });
    expect(await put('q', {}, 1)).toEqual({ kind: 'CHANGED_SINCE', found: null });
    expect(done(await put('p', {}, 1)).version).toBe(2);
    const atOnce = await Promise.all(Array.from({ length: 8 }, () => put('p', {}, 2)));
    expect(atOnce.filter(({ kind }) => kind === 'OK')).toHaveLength(1);
    const anyway = await Promise.all(Array.from({ length: 8 }, () => put('p')));
    expect(anyway.map((answer) => done(answer).version).sort((a, b) => a - b)).toEqual([
      4, 5, 6, 7, 8, 9, 10, 11,
    ]);
  });

  test('a policy that was deleted is there for those who name its version', async () => {
    const { config, org, put } = setup();
    const first = done(await put('p'));
    const remove = (expected: number | null) =>
      config.deletePolicy({ org, policyId: 'p', expected, asOf: null, actor: 'bob' });
    expect(await remove(7)).toEqual({ kind: 'CHANGED_SINCE', found: first });
    const before = await config.versionOf(org);
    expect(await remove(1)).toEqual({ kind: 'OK', value: first });
    expect(await config.versionOf(org)).toBe(before + 1);
    expect(await remove(null)).toBeNull();
    expect(await config.listPolicies(org)).toEqual([]);
    expect((await config.readRules(org)).policies).toEqual([]);
    expect(await config.getPolicy(org, 'p', 1)).toEqual(first);
    expect(await config.getPolicy(org, 'p', 2)).toMatchObject({ deleted: true, actor: 'bob' });
    expect(done(await put('p', {}, 0)).version).toBe(3);
    expect(await config.listPolicies(org)).toHaveLength(1);
  });

  test('an organisation may have so many policies, and put those it has', async () => {
    const { put, config, org } = setup();
    for (let i = 0; i < MAX_POLICIES; i += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, j) => put(`p${i + j}`)));
    }
    expect(await put('more')).toEqual({ kind: 'TOO_MANY' });
    expect(done(await put('p7')).version).toBe(2);
    await config.deletePolicy({ org, policyId: 'p8', expected: null, asOf: null, actor: 'ann' });
    done(await put('more'));
  });

  test('of very many versions those go that were replaced the longest ago', async () => {
    const { put, config, org, db } = setup();
    await db.exec(`INSERT INTO policy (org, policy_id, version, kind, rule, on_error, description, actor, deleted, create_time)
      SELECT '${org}', CASE WHEN n = 1 THEN 'gone' ELSE 'p' END, n, 'APPROVAL', '{}', 'DEFAULT', '', 'ann', n = 1,
        now() - interval '1 day' + n * interval '1 s'
      FROM generate_series(1, ${MAX_POLICY_VERSIONS}) AS n`);
    const last = done(await put('p'));
    expect(last.version).toBe(MAX_POLICY_VERSIONS + 1);
    expect(await config.listPolicyVersions(org, 'gone', null, 10)).toEqual([]);
    expect(await config.getPolicy(org, 'p', 2)).not.toBeNull();
    await config.deletePolicy({ org, policyId: 'p', expected: null, asOf: null, actor: 'ann' });
    expect(await config.getPolicy(org, 'p', 2)).toBeNull();
    expect(await config.getPolicy(org, 'p', 3)).not.toBeNull();
    expect(await config.getPolicy(org, 'p', last.version)).toEqual(last);
  });
}
