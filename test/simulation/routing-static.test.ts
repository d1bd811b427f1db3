import { describe, expect, test } from 'vitest';
import { updateTask } from '../../src/usecases/update-task.js';
import { plainRequirements } from '../support/plain-task.js';
import { createRoutingWorld } from './routing-world.js';

const STATIC = { strategy: 'STATIC' } as const;

describe('a static subject', () => {
  test('gets the task at once, though another is less loaded', async () => {
    const w = createRoutingWorld({ staticSubjectId: 'chosen' });
    const one = await w.start('one');
    const chosen = await w.connect(one, 'chosen', 'HOLD');
    const other = await w.connect(one, 'other');
    for (let i = 0; i < 2; i++) await w.accepted(one, { routing: STATIC });
    expect(chosen.got).toHaveLength(2);
    expect(other.got).toEqual([]);
    const shared = await w.accepted(one);
    expect(other.got).toEqual([shared]);
  });

  test('who is busy is waited for, until the limit; then anybody gets it', async () => {
    const w = createRoutingWorld({ staticSubjectId: 'chosen', resolutionStartLimitMs: 5_000 });
    const one = await w.start('one');
    await w.connect(one, 'chosen', 'HOLD', { slots: 1 });
    const other = await w.connect(one, 'other');
    await w.accepted(one, { routing: STATIC });
    const waiting = await w.accepted(one, { routing: STATIC });
    await w.pass(4_000);
    expect(await w.stateOf(waiting)).toBe('QUEUED');
    await w.pass(2_500);
    expect(other.got).toEqual([waiting]);
    expect(await w.routings(waiting)).toEqual(['NOT_STARTED: chosen']);
    await w.world.expectConsistent(waiting);
  });

  test('who goes away loses it to the others; who only reconnects does not', async () => {
    const w = createRoutingWorld({ staticSubjectId: 'chosen' });
    const one = await w.start('one');
    const chosen = await w.connect(one, 'chosen', 'HOLD', { slots: 1 });
    const other = await w.connect(one, 'other');
    const first = await w.accepted(one, { routing: STATIC });
    const second = await w.accepted(one, { routing: STATIC });
    expect(chosen.got).toEqual([first]);
    chosen.leave();
    await w.pass(2_000);
    const again = await w.connect(one, 'chosen', 'DO');
    expect(again.got).toEqual([second]);
    again.leave();
    const third = await w.accepted(one, { routing: STATIC });
    await w.pass(4_000);
    expect(await w.stateOf(third)).toBe('QUEUED');
    await w.pass(4_000);
    expect(other.got).toContain(third);
    expect(await w.routings(third)).toEqual(['AGENT_GONE: chosen']);
  });

  test('who is not eligible loses it at once', async () => {
    const w = createRoutingWorld({ staticSubjectId: 'chosen' });
    const one = await w.start('one');
    await w.connect(one, 'chosen', 'DO', { slots: 1, capabilities: ['else'] });
    const other = await w.connect(one, 'other');
    const taskId = await w.accepted(one, { routing: STATIC });
    await w.pass(2_000);
    expect(other.got).toEqual([taskId]);
    expect(await w.routings(taskId)).toEqual(['AGENT_GONE: chosen']);
  });

  test('who declines loses it to another', async () => {
    const w = createRoutingWorld({ staticSubjectId: 'chosen' });
    const one = await w.start('one');
    const chosen = await w.connect(one, 'chosen', 'DECLINE');
    const other = await w.connect(one, 'other');
    const taskId = await w.accepted(one, { routing: STATIC });
    await w.pass(1_000);
    expect(chosen.got).toEqual([taskId]);
    expect(other.got).toEqual([taskId]);
    expect(await w.stateOf(taskId)).toBe('SUCCEEDED');
  });

  test('without a fallback nobody else ever gets it', async () => {
    const w = createRoutingWorld({ staticSubjectId: 'chosen', resolutionFallback: 'NONE' });
    const one = await w.start('one');
    const other = await w.connect(one, 'other');
    const taskId = await w.accepted(one, { routing: STATIC });
    await w.pass(120_000);
    expect(other.got).toEqual([]);
    const chosen = await w.connect(one, 'chosen');
    expect(chosen.got).toEqual([taskId]);
  });

  test('who is not in the pool returns it to selection, which the trail says, or ends it', async () => {
    const w = createRoutingWorld({ staticSubjectId: 'chosen', candidatePool: 'ROLES' });
    const one = await w.start('one');
    w.members.add('other');
    const reply = await w.submit(one, { routing: STATIC });
    if (!reply.ok) throw reply.error;
    expect(reply.notes.join()).toContain('not in the pool');
    expect((await w.world.get(reply.taskId)).spec.requirements).toMatchObject({ route: null, agentId: null });
  });
});

describe('an update of what a task asks for', () => {
  test('keeps it to its pool, and has its agent found anew', async () => {
    const w = createRoutingWorld({ staticSubjectId: 'chosen', candidatePool: 'ROLES' });
    const one = await w.start('one');
    w.members.add('chosen');
    const taskId = await w.accepted(one, { routing: STATIC });
    const { requirements: before, ...spec } = (await w.world.get(taskId)).spec;
    const updated = updateTask(one.ports)(
      { org: w.org, subject: 'alice', roles: ['admin'] },
      {
        taskId,
        seq: null,
        revise: ({ tier }) => {
          const requirements = plainRequirements(['work'], { region: 'eu' });
          return { ...spec, tier, requirements, reschedules: false, detail: {} };
        },
      },
    );
    await w.pass(500);
    await updated;
    const { requirements } = (await w.world.get(taskId)).spec;
    expect(requirements).toMatchObject({ region: 'eu', pool: before.pool });
    expect(before.pool).not.toBeNull();
  });
});
