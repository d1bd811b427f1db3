import { describe, expect, test } from 'vitest';
import { DEFAULT_ORG_CONFIG, type OrgConfig } from '../../src/domain/config/org-config.js';
import { readPool } from '../../src/domain/directory/pool.js';
import { afterChoice, choiceOf, reasonOf } from '../../src/domain/routing/choice.js';
import { decideRoute, leavesRouting } from '../../src/domain/routing/decide-route.js';
import { standingOf } from '../../src/domain/routing/route.js';
import type { TaskSpec } from '../../src/domain/tasks/task.js';
import { NO_POLICIES, NO_ROUTING, type RoutingTerms } from '../../src/domain/tasks/terms.js';
import { plainRequirements, plainSpec } from '../support/plain-task.js';

const NOW = 1_000_000;

function decide(
  terms: Partial<RoutingTerms> = {},
  config: Partial<OrgConfig> = {},
  spec: Partial<TaskSpec> = {},
  waits = false,
  planRetrieve: string | null = null,
) {
  return decideRoute(
    plainSpec('work', spec),
    { routing: { ...NO_ROUTING, ...terms }, policies: { ...NO_POLICIES, planRetrieve } },
    { ...DEFAULT_ORG_CONFIG, ...config },
    { now: NOW, waits },
  );
}

describe('how an agent is found', () => {
  test('who says nothing gets exactly what was asked for', () => {
    const { requirements } = plainSpec('work');
    const decided = decide({}, {}, { requirements });
    expect(decided.requirements).toBe(requirements);
    expect(leavesRouting(DEFAULT_ORG_CONFIG)).toBe(true);
  });

  test('a static subject has its start limit from when the task is runnable, then anybody', () => {
    const config = { staticSubjectId: 'a', resolutionStartLimitMs: 5_000 };
    const route = { by: 'STATIC', epoch: 0, agentId: 'a', fallback: true };
    expect(decide({ strategy: 'STATIC' }, config).requirements.route).toEqual({
      ...route,
      until: NOW + 5_000,
    });
    const later = decide({ strategy: 'STATIC' }, config, { runAt: NOW + 60_000 });
    expect(later.requirements.route).toEqual({ ...route, until: NOW + 65_000 });
    const dependencies = [{ taskId: 'x', runAnyway: false }];
    const blocked = decide({ strategy: 'STATIC' }, config, { dependencies });
    expect(blocked.requirements.route).toEqual({ ...route, until: null });
    expect(decide({ strategy: 'STATIC' }, config, {}, true).requirements.route).toEqual({
      ...route,
      until: null,
    });
  });

  test('without a fallback it waits for the static subject for good', () => {
    const decided = decide({ strategy: 'STATIC', staticSubjectId: 'a', fallback: 'NONE' });
    expect(decided.requirements).toMatchObject({ agentId: 'a', route: null });
  });

  test('a static role is one more that is to be held', () => {
    const roles = ['writer'];
    const { requirements } = decide(
      { strategy: 'STATIC', staticRoleId: 'reviewer' },
      {},
      { jobSpaceId: 'press', requirements: plainRequirements(['work'], { roles }) },
    );
    expect(requirements).toMatchObject({ agentId: null, route: null, roles });
    expect(readPool(requirements.pool ?? '')).toEqual({
      jobSpaceId: 'press',
      roleIds: ['reviewer', 'writer'],
      roleFilter: null,
    });
  });

  test('what a task names replaces what its organisation names, of both', () => {
    const org = { agentResolutionStrategy: 'STATIC', staticSubjectId: 'a', staticRoleId: 'r' } as const;
    expect(decide({}, org).requirements).toMatchObject({ pool: null, route: { agentId: 'a' } });
    const byRole = decide({ staticRoleId: 'mine' }, org);
    expect(byRole.requirements.route).toBeNull();
    expect(readPool(byRole.requirements.pool ?? '').roleIds).toEqual(['mine']);
    expect(decide({ strategy: 'LOAD_BALANCING' }, org).requirements).toMatchObject({
      pool: null,
      route: null,
    });
  });

  test('a static strategy that names nobody says so, and goes to anybody', () => {
    const decided = decide({ strategy: 'STATIC' });
    expect(decided.requirements).toMatchObject({ agentId: null, route: null, pool: null });
    expect(decided.note).toContain('names no subject');
  });

  test('a subject that is named without the static strategy does not count, which is said', () => {
    const decided = decide({ staticSubjectId: 'a' });
    expect(decided.requirements).toMatchObject({ agentId: null, route: null });
    expect(decided.note).toContain('does not count');
    expect(decide({ strategy: 'STATIC', staticSubjectId: 'a' }).note).toBe('');
  });

  test('a plan policy that is named without that strategy does not count, which is said', () => {
    const noteOf = (terms: Partial<RoutingTerms>, spec: Partial<TaskSpec> = {}) =>
      decide(terms, {}, spec, false, 'pick').note;
    const ignored = 'so the plan policy pick that is named does not count';
    expect(noteOf({})).toBe(`the strategy is load balancing, ${ignored}`);
    expect(noteOf({ strategy: 'STATIC', staticSubjectId: 'a' })).toBe(`the strategy is static, ${ignored}`);
    expect(noteOf({ strategy: 'STATIC' })).toBe(
      `the strategy is static, and names no subject and no role; the strategy is static, ${ignored}`,
    );
    expect(noteOf({ staticSubjectId: 'a' })).toMatch(/static subject .*; .* plan policy pick /);
    const requirements = plainRequirements(['work'], { agentId: 'mine' });
    expect(noteOf({ strategy: 'PLAN_RETRIEVE' }, { requirements })).toBe(`it names its agent, ${ignored}`);
    expect(noteOf({ strategy: 'PLAN_RETRIEVE' })).toBe('');
  });

  test('a plan is made later', () => {
    const route = { by: 'PLAN_RETRIEVE', epoch: 0, agentId: null, until: null };
    expect(decide({ strategy: 'PLAN_RETRIEVE' }).requirements.route).toEqual({ ...route, fallback: true });
    const strict = decide({ strategy: 'PLAN_RETRIEVE', fallback: 'NONE' });
    expect(strict.requirements.route).toEqual({ ...route, fallback: false });
  });

  test('the agent that the submitter names wins over all strategies, within the pool', () => {
    const requirements = plainRequirements(['work'], { agentId: 'mine' });
    const config = { agentResolutionStrategy: 'PLAN_RETRIEVE', candidatePool: 'ROLES' } as const;
    const decided = decide({}, config, { requirements });
    expect(decided.requirements).toMatchObject({ agentId: 'mine', route: null });
    expect(readPool(decided.requirements.pool ?? '').roleIds).toEqual([]);
  });

  test('an organisation that binds candidates to roles gives every task a pool', () => {
    const filter = { role_type: 'AGENT' };
    const config = { candidatePool: 'ROLES', candidateRoleFilter: filter } as const;
    const { pool } = decide({}, config, { jobSpaceId: 'press' }).requirements;
    expect(readPool(pool ?? '')).toEqual({ jobSpaceId: 'press', roleIds: [], roleFilter: filter });
    expect(leavesRouting({ ...DEFAULT_ORG_CONFIG, ...config })).toBe(false);
  });

  test("a task's load balancing is its own; its organisation's may change until it is given out", () => {
    expect(decide({ loadBalancing: 'RANDOM' }).requirements.balancing).toBe('RANDOM');
    expect(decide({}, { loadBalancingStrategy: 'RANDOM' }).requirements.balancing).toBeNull();
  });
});

describe('a route', () => {
  const chosen = { by: 'PLAN_RETRIEVE', epoch: 2, agentId: 'a', until: 9, fallback: true } as const;

  test('holds until somebody has claimed the task since', () => {
    expect(standingOf(chosen, 2)).toEqual({ kind: 'ADDRESSED', agentId: 'a', until: 9 });
    expect(standingOf(chosen, 3)).toEqual({ kind: 'SHARED' });
    expect(standingOf({ ...chosen, fallback: false }, 3)).toEqual({ kind: 'TO_CHOOSE' });
    expect(standingOf({ ...chosen, agentId: null }, 2)).toEqual({ kind: 'TO_CHOOSE' });
  });
});

describe('what a plan policy says', () => {
  test('an agent, nobody, or nothing that could be understood', () => {
    expect(choiceOf({ ok: true, output: 'a' })).toEqual({ kind: 'AGENT', agentId: 'a' });
    expect(choiceOf({ ok: true, output: { head_agent_subject_id: 'a' } })).toMatchObject({ agentId: 'a' });
    expect(choiceOf({ ok: true, output: '' })).toEqual({ kind: 'NONE' });
    expect(choiceOf({ ok: true, output: 7 })).toMatchObject({ kind: 'FAILED', failure: 'WRONG_RESULT' });
    expect(choiceOf({ ok: false, failure: 'RUNAWAY', message: 'm' })).toMatchObject({ failure: 'RUNAWAY' });
  });

  test('decides by its on_error and the fallback where the task goes', () => {
    const failed = { kind: 'FAILED', failure: 'ERROR', message: 'm' } as const;
    const none = { kind: 'NONE' } as const;
    const next = (...args: Parameters<typeof afterChoice>) => afterChoice(...args).kind;
    expect(next({ kind: 'AGENT', agentId: 'a' }, 'REJECT', false)).toBe('ADDRESS');
    expect(next(failed, 'REJECT', true)).toBe('SKIP');
    expect(next(failed, 'ACCEPT', false)).toBe('SHARE');
    expect(next(failed, 'DEFAULT', true)).toBe('SHARE');
    expect(next(failed, 'DEFAULT', false)).toBe('WAIT');
    expect(next(none, 'REJECT', true)).toBe('SHARE');
    expect(next(none, 'ACCEPT', false)).toBe('WAIT');
    expect(reasonOf(failed)).toBe('PLAN_FAILED: ERROR');
  });
});
