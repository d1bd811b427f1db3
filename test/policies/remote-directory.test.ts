import { describe, expect, test } from 'vitest';
import type { PoolQuery } from '../../src/domain/directory/pool.js';
import { createRemoteDirectories } from '../../src/policies/remote/remote-directory.js';
import { systemClock } from '../../src/system/clock.js';
import { type DirectoryState, startDirectory } from './support/directory-server.js';
import { setupCaller } from './support/remote-world.js';

const POOL: PoolQuery = { jobSpaceId: '', roleIds: [], roleFilter: null };

async function setup(over: Partial<DirectoryState> = {}) {
  const { state, address } = await startDirectory(over);
  const { caller } = setupCaller();
  const open = createRemoteDirectories(caller, systemClock);
  const directory = open({ org: 'acme', address, plaintext: true, cacheMs: 60_000 });
  return {
    state,
    directory,
    pool: async (query: Partial<PoolQuery>) =>
      [...(await directory.poolMembers({ ...POOL, ...query }))].sort(),
    failure: async (work: Promise<unknown>) =>
      work.then(
        () => 'none',
        (error: Error) => error.message,
      ),
  };
}

const ROLES = [
  { roleId: 'reviewer', groupIds: ['law'] },
  { roleId: 'writer', roleType: 'duty', attributes: { level: 3 } },
  { roleId: 'elsewhere', jobSpaceId: 's2' },
];
const SUBJECTS = [
  { subjectId: 'a', roleIds: ['reviewer'] },
  { subjectId: 'b', groupIds: ['law'], roleIds: ['writer'] },
  { subjectId: 'c', roleIds: ['writer'] },
  { subjectId: 'd', roleIds: ['elsewhere'] },
  { subjectId: 'e', roleIds: ['unheard of'] },
];

describe('a directory that an organisation serves itself', () => {
  test('pools are those that the record would make of the same roles and subjects', async () => {
    const { pool } = await setup({ roles: ROLES, subjects: SUBJECTS });
    expect(await pool({})).toEqual(['a', 'b', 'c']);
    expect(await pool({ jobSpaceId: 's2' })).toEqual(['a', 'b', 'c', 'd']);
    expect(await pool({ roleIds: ['reviewer'] })).toEqual(['a', 'b']);
    expect(await pool({ roleIds: ['reviewer', 'writer'] })).toEqual(['b']);
    expect(await pool({ roleIds: ['unheard of'] })).toEqual([]);
    expect(await pool({ roleFilter: { 'attributes.level': 3 } })).toEqual(['b', 'c']);
    expect(await pool({ roleFilter: { role_type: 'duty' }, roleIds: ['reviewer'] })).toEqual(['b']);
  });

  test('it is read page by page, and found in with what it knows', async () => {
    const subjects = Array.from({ length: 95 }, (_, i) => ({ subjectId: `s${i}`, roleIds: ['writer'] }));
    const { state, directory, pool } = await setup({ roles: ROLES, subjects, pageSize: 10 });
    expect(await pool({ roleIds: ['writer'] })).toHaveLength(95);
    expect(state.calls).toBe(11);
    const filter = { role_type: 'duty' };
    const { items, nextCursor } = await directory.queryRoles({ filter, cursor: '', limit: 10 });
    expect([items.map((role) => role.attributes), nextCursor]).toEqual([[{ level: 3 }], '']);
    const first = await directory.querySubjects({ filter: null, cursor: '', limit: 50 });
    expect([first.items.length, first.nextCursor]).toEqual([10, '10']);
  });

  test('roles of which there are too many for one filter are asked for in parts', async () => {
    const roles = Array.from({ length: 900 }, (_, i) => ({ roleId: `r${i}`, groupIds: [`g${i}`] }));
    const subjects = [
      { subjectId: 'a', roleIds: ['r899'] },
      { subjectId: 'b', groupIds: ['g0'] },
    ];
    const { pool } = await setup({ roles, subjects });
    expect(await pool({})).toEqual(['a', 'b']);
  });

  test('one that is away, that ignores filters, or that never comes to an end is none to go by', async () => {
    const { state, directory, pool, failure } = await setup({ roles: ROLES, subjects: SUBJECTS });
    state.ignoresFilters = true;
    expect(await failure(pool({ roleIds: ['reviewer'] }))).toContain('does not match the filter');
    state.ignoresFilters = false;
    state.runsOn = true;
    expect(await failure(pool({}))).toContain('a page of it is empty');
    state.runsOn = false;
    state.away = true;
    const page = { filter: null, cursor: '', limit: 10 };
    await expect(directory.queryRoles(page)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'DIRECTORY_UNAVAILABLE',
    });
  });
});
