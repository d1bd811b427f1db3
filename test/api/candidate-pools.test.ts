import { describe, expect, onTestFinished, test } from 'vitest';
import { DEFAULT_ORG_CONFIG } from '../../src/domain/config/org-config.js';
import { poolText } from '../../src/domain/directory/pool.js';
import { unavailable } from '../../src/domain/errors.js';
import { createCandidatePools } from '../../src/memory/candidate-pools.js';
import type { Directory } from '../../src/ports/directories.js';
import { emptySnapshot, type OrgSnapshot } from '../../src/ports/org-rules.js';
import { FakeClock } from '../support/fake-clock.js';
import { SILENT } from '../support/pglite-record.js';

const ORG = 'acme';
const POOL = poolText({ jobSpaceId: '', roleIds: ['reviewer'], roleFilter: null });

/** Pools over a directory that says what the test says. */
function setup({ cacheMs = null as number | null } = {}) {
  const clock = new FakeClock();
  const listeners: ((snapshot: OrgSnapshot) => void)[] = [];
  const warnings: string[] = [];
  const world = { members: ['a'], name: 'one', away: false, reads: 0, gate: Promise.resolve() };
  const directory = (): Directory => ({
    name: world.name,
    cacheMs,
    queryRoles: () => Promise.reject(new Error('not asked here')),
    querySubjects: () => Promise.reject(new Error('not asked here')),
    async poolMembers() {
      world.reads += 1;
      const { members, away } = world;
      await world.gate;
      if (away) throw unavailable('DIRECTORY_UNAVAILABLE', 'away');
      return new Set(members);
    },
  });
  const pools = createCandidatePools({
    directories: { of: async () => directory() },
    orgRules: {
      of: emptySnapshot,
      known: emptySnapshot,
      all: () => [],
      onChanged: (listener) => void listeners.push(listener),
      changed: async () => undefined,
    },
    clock,
    log: { ...SILENT, warn: (_fields, message) => void warnings.push(message) },
  });
  onTestFinished(() => pools.stop());
  const told: string[] = [];
  pools.onChanged((org) => told.push(org));
  return {
    clock,
    pools,
    world,
    warnings,
    told,
    has: (id: string) => pools.has(ORG, POOL, id),
    rulesChanged(org = ORG) {
      for (const listener of listeners) listener({ ...emptySnapshot(org, DEFAULT_ORG_CONFIG), version: 1 });
    },
    /** Lets everything go on that waits for nothing but its turn. */
    settle: () => new Promise<void>((resolve) => setImmediate(resolve)),
  };
}

describe('pools of candidates', () => {
  test('nobody is in a pool until it has been read, which begins with the first question', async () => {
    const { has, settle, told, world } = setup();
    expect(has('a')).toBe(false);
    await settle();
    expect(told).toEqual([ORG]);
    expect([has('a'), has('b')]).toEqual([true, false]);
    await settle();
    expect(world.reads).toBe(1);
  });

  test('members waits for the first reading', async () => {
    const { pools } = setup();
    expect(await pools.members(ORG, POOL)).toEqual(new Set(['a']));
  });

  test('a change of rules is a reason to read anew, however often it comes not more than a few times a second', async () => {
    const { clock, has, settle, told, world, rulesChanged } = setup();
    has('a');
    await settle();
    world.members = ['b'];
    for (let i = 0; i < 50; i += 1) rulesChanged();
    rulesChanged('other');
    await settle();
    expect(has('a')).toBe(true);
    clock.advance(200);
    await settle();
    expect([has('a'), has('b')]).toEqual([false, true]);
    expect([world.reads, told.length]).toEqual([2, 2]);
  });

  test('what changes during a reading is read after it', async () => {
    const { clock, has, settle, world, rulesChanged } = setup();
    let open: () => void = () => undefined;
    world.gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    has('a');
    await settle();
    world.members = ['b'];
    rulesChanged();
    open();
    await settle();
    expect(has('a')).toBe(true);
    clock.advance(200);
    await settle();
    expect([has('a'), has('b')]).toEqual([false, true]);
  });

  test('nobody is told of a reading that says the same', async () => {
    const { clock, has, settle, told, world, rulesChanged } = setup();
    has('a');
    await settle();
    rulesChanged();
    clock.advance(200);
    await settle();
    expect([world.reads, told.length]).toEqual([2, 1]);
  });

  test('what a remote directory said is read anew when it is old, without being asked for', async () => {
    const { clock, has, settle, world } = setup({ cacheMs: 60_000 });
    has('a');
    await settle();
    world.members = ['b'];
    clock.advance(59_999);
    await settle();
    expect(has('a')).toBe(true);
    clock.advance(1);
    await settle();
    expect([has('a'), has('b')]).toEqual([false, true]);
  });

  test('while the directory is away the old answer counts, at most ten times as long as it should; then nobody is in the pool, and it is said', async () => {
    const { clock, has, pools, settle, world, warnings, told } = setup({ cacheMs: 60_000 });
    // As an index does in which tasks of the pool wait.
    pools.onChanged(() => void has('a'));
    has('a');
    await settle();
    world.away = true;
    for (let s = 0; s < 600; s += 1) {
      clock.advance(1_000);
      await settle();
    }
    expect(has('a')).toBe(true);
    expect(pools.problem(ORG, POOL)).toBeNull();
    expect([...(await pools.members(ORG, POOL))]).toEqual(['a']);
    clock.advance(2_001);
    await settle();
    expect(has('a')).toBe(false);
    expect(told.length).toBeGreaterThan(1);
    expect(pools.problem(ORG, POOL)).toBe('away');
    expect(warnings).toEqual([
      'who is in a pool of candidates could not be read',
      'a directory has been away for too long: nobody is in a pool of candidates',
    ]);
    await expect(pools.members(ORG, POOL)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      reason: 'DIRECTORY_UNAVAILABLE',
    });
    world.away = false;
    clock.advance(2_000);
    await settle();
    expect(has('a')).toBe(true);
    expect(pools.problem(ORG, POOL)).toBeNull();
  });

  test('what another directory said does not count', async () => {
    const { clock, has, settle, world, rulesChanged } = setup({ cacheMs: 60_000 });
    has('a');
    await settle();
    Object.assign(world, { name: 'another', away: true });
    rulesChanged();
    clock.advance(200);
    await settle();
    expect(has('a')).toBe(false);
  });

  test('a pool that nobody asks for is forgotten, and one that is asked for when it is told of is kept', async () => {
    const { clock, pools, settle, world, has } = setup();
    pools.onChanged(() => void has('a'));
    has('a');
    pools.has(ORG, poolText({ jobSpaceId: 'x', roleIds: [], roleFilter: null }), 'a');
    await settle();
    expect(world.reads).toBe(2);
    clock.advance(600_000);
    world.members = [];
    expect(has('a')).toBe(true);
    expect(pools.has(ORG, poolText({ jobSpaceId: 'x', roleIds: [], roleFilter: null }), 'a')).toBe(false);
    await settle();
    expect(world.reads).toBe(3);
  });

  test('pools are bounded: one too many has nobody until there is room', async () => {
    const { clock, pools, settle, warnings } = setup();
    const nth = (i: number) => poolText({ jobSpaceId: `s${i}`, roleIds: [], roleFilter: null });
    for (let i = 0; i < 1_000; i += 1) pools.has(ORG, nth(i), 'a');
    for (let i = 0; i < 1_000; i += 1) await settle();
    expect(pools.has(ORG, nth(999), 'a')).toBe(true);
    clock.advance(10_000);
    expect(pools.has(ORG, nth(1_000), 'a')).toBe(false);
    await settle();
    expect(pools.has(ORG, nth(1_000), 'a')).toBe(false);
    expect(warnings).toEqual(['too many pools of candidates are in use: nobody is in others']);
    clock.advance(0);
    pools.has(ORG, nth(1_000), 'a');
    await settle();
    expect(pools.has(ORG, nth(1_000), 'a')).toBe(true);
  });

  test('an organisation with very many pools leaves others theirs', async () => {
    const { clock, pools, settle, told } = setup();
    const nth = (i: number) => poolText({ jobSpaceId: `s${i}`, roleIds: [], roleFilter: null });
    const greedy = () => {
      for (let i = 0; i < 1_100; i += 1) pools.has(ORG, nth(i), 'a');
    };
    pools.onChanged((org) => org === ORG && greedy());
    greedy();
    for (let i = 0; i < 1_000; i += 1) await settle();
    for (let i = 0; i < 100; i += 1) pools.has('other', nth(i), 'a');
    for (let i = 0; i < 100; i += 1) await settle();
    for (let i = 0; i < 100; i += 1) expect(pools.has('other', nth(i), 'a')).toBe(true);
    told.splice(0);
    clock.advance(0);
    expect(told).toContain(ORG);
    expect(pools.has(ORG, nth(999), 'a')).toBe(false);
    clock.advance(10_000);
    greedy();
    expect(await pools.members('other', nth(0))).toEqual(new Set(['a']));
    expect(pools.has(ORG, nth(0), 'a')).toBe(true);
  });

  test('a directory that does not answer keeps no other organisation waiting', async () => {
    const { pools, settle, world } = setup({ cacheMs: 60_000 });
    let open = () => {};
    world.gate = new Promise((resolve) => {
      open = resolve;
    });
    const nth = (i: number) => poolText({ jobSpaceId: `s${i}`, roleIds: [], roleFilter: null });
    for (let i = 0; i < 10; i += 1) pools.has(ORG, nth(i), 'a');
    await settle();
    world.gate = Promise.resolve();
    pools.has('other', POOL, 'a');
    await settle();
    expect(pools.has('other', POOL, 'a')).toBe(true);
    open();
  });
});
