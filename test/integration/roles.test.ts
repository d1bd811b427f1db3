import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { type Agent, type AgentOptions, agent, createClient } from '@reeve/sdk';
import { ConfigService } from '@reeve/sdk/protocol';
import { afterEach, describe, expect, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import { connect, detailsOf, failureOf } from '../api/support/grpc-client.js';
import { startDirectory } from '../policies/support/directory-server.js';
import { openEmbedded } from '../support/embedded.js';

const { method } = ConfigService;

describe('who gets a task by the roles that agents hold', () => {
  let coordinator: Coordinator | undefined;
  const running: Agent[] = [];

  afterEach(async () => {
    await Promise.all(running.splice(0).map((a) => a.stop()));
    await coordinator?.stop();
    coordinator = undefined;
  });

  async function setup() {
    coordinator = await openEmbedded();
    const { address } = coordinator;
    const client = createClient({ address });
    const raw = connect(address);
    return {
      client,
      raw,
      configure: async (parameters: Readonly<Record<string, JsonValue>>) => {
        for (const [key, value] of Object.entries(parameters)) {
          await raw.call(method.setConfig, { key, value: jsonValue(value) });
        }
      },
      async start(agentId: string, options: AgentOptions = {}) {
        const worker = agent({ agentId, address, slots: 2, log: QUIET, ...options });
        worker.handle('work', async () => agentId);
        await worker.start();
        running.push(worker);
      },
      submit: (roles: readonly string[] = [], jobSpaceId = '') =>
        client.submit({ kind: 'work', input: 1, requirements: { roles }, jobSpaceId }),
      /** What the submitter of a task that nobody gets is told. */
      whyNobody: async (roles: readonly string[], jobSpaceId = '') => {
        const request = { kind: 'work', input: 1, requirements: { roles }, jobSpaceId, assignWaitMs: 300 };
        const { notes, cancel } = await client.submit(request);
        await cancel();
        return notes.join(' ');
      },
    };
  }

  test('a role that is given at run time brings what waits to its holder; taken away, it brings nothing new', async () => {
    const { client, start, submit, whyNobody } = await setup();
    await start('ann');
    await start('bob');
    const waiting = await submit(['reviewer']);
    await client.roles.put({ roleId: 'reviewer' });
    await client.subjects.put({ subjectId: 'bob', roleIds: ['reviewer'] });
    expect(await waiting.wait(SOON)).toBe('bob');
    expect(await (await submit(['reviewer'])).wait(SOON)).toBe('bob');

    await client.subjects.put({ subjectId: 'bob' });
    await expect
      .poll(() => whyNobody(['reviewer']))
      .toContain('2 not in the pool of candidates (the roles reviewer)');
    const second = await submit(['reviewer']);
    await client.subjects.put({ subjectId: 'ann', groupIds: ['legal'] });
    await client.roles.put({ roleId: 'reviewer', groupIds: ['legal'] });
    expect(await second.wait(SOON)).toBe('ann');
  });

  test('where the organisation binds candidates to roles, only those count that match in the job space of the task', async () => {
    const { client, configure, start, submit, whyNobody } = await setup();
    await start('ann');
    await start('bob');
    await client.roles.put({ roleId: 'senior', attributes: { level: 3 }, jobSpaceId: 's1' });
    await client.roles.put({ roleId: 'junior', attributes: { level: 1 } });
    await client.subjects.put({ subjectId: 'ann', roleIds: ['senior'] });
    await client.subjects.put({ subjectId: 'bob', roleIds: ['junior'] });
    await configure({
      candidate_role_filter: { 'attributes.level': { $in: [2, 3] } },
      candidate_pool: 'roles',
    });
    const given = await Promise.all([1, 2, 3].map(async () => (await submit([], 's1')).wait(SOON)));
    expect(given).toEqual(['ann', 'ann', 'ann']);
    expect(await whyNobody([], 's2')).toContain(
      'a role that matches candidate_role_filter, in the job space s2',
    );
    await configure({ candidate_role_filter: { 'attributes.level': 1 } });
    await expect.poll(async () => (await submit([], 's2')).wait(SOON)).toBe('bob');
  });

  test('the strategy is that of the task, before that of the organisation, before that of the server', async () => {
    const { client, configure, start } = await setup();
    await start('heavy', { weight: 3, slots: 8 });
    await start('light', { weight: 1, slots: 8 });
    const ofHeavy = async (loadBalancing?: 'WEIGHTED_ROUND_ROBIN' | 'ROUND_ROBIN') => {
      let count = 0;
      for (let i = 0; i < 8; i += 1) {
        const routing = loadBalancing ? { routing: { loadBalancing } } : {};
        if ((await client.run({ kind: 'work', input: i, ...routing })) === 'heavy') count += 1;
      }
      return count;
    };
    expect(await ofHeavy()).toBe(4);
    expect(await ofHeavy('WEIGHTED_ROUND_ROBIN')).toBe(6);
    await configure({ load_balancing_strategy: 'weighted_round_robin' });
    expect(await ofHeavy()).toBe(6);
    expect(await ofHeavy('ROUND_ROBIN')).toBe(4);
  });

  test('roles and subjects of a service of the organisation count in place of its own, and cannot be put here', async () => {
    const { client, raw, configure, start, submit, whyNobody } = await setup();
    const roles = [{ roleId: 'reviewer', attributes: { level: 2 } }];
    const { state, address } = await startDirectory({
      roles,
      subjects: [{ subjectId: 'bob', roleIds: ['reviewer'] }],
    });
    await client.roles.put({ roleId: 'reviewer' });
    await client.subjects.put({ subjectId: 'ann', roleIds: ['reviewer'] });
    await start('ann');
    await start('bob');
    await configure({
      role_directory_address: address,
      role_directory_plaintext: true,
      role_directory_cache: '1s',
      role_directory: 'remote',
    });
    expect(await (await submit(['reviewer'])).wait(SOON)).toBe('bob');
    expect(await idsOf(client.subjects.query({ filter: { role_ids: 'reviewer' } }))).toEqual(['bob']);
    expect((await raw.call(method.queryRoles, { filter: { 'attributes.level': 2 } })).roles).toHaveLength(1);
    const refused = await failureOf(raw.call(method.putRole, { role: { roleId: 'writer' } }));
    expect(detailsOf(refused).info?.reason).toBe('DIRECTORY_IS_REMOTE');

    state.subjects = [{ subjectId: 'ann', roleIds: ['reviewer'] }];
    await expect.poll(async () => (await submit(['reviewer'])).wait(SOON), { timeout: 10_000 }).toBe('ann');
    state.away = true;
    expect(await (await submit(['reviewer'])).wait(SOON)).toBe('ann');
    const away = await failureOf(raw.call(method.queryRoles, {}));
    expect(detailsOf(away).info?.reason).toBe('DIRECTORY_UNAVAILABLE');

    await configure({ role_directory: 'built_in' });
    await client.subjects.put({ subjectId: 'ann' });
    await expect.poll(() => whyNobody(['reviewer'])).toContain('2 not in the pool of candidates');
  });

  test('a service of the organisation that is away is what a task of a pool waits for, not who is in the pool', async () => {
    const { client, configure, start, submit } = await setup();
    const { state, address } = await startDirectory({
      roles: [{ roleId: 'reviewer' }],
      subjects: [{ subjectId: 'bob', roleIds: ['reviewer'] }],
    });
    state.away = true;
    await start('bob');
    await configure({
      role_directory_address: address,
      role_directory_plaintext: true,
      role_directory_cache: '1s',
      role_directory: 'remote',
    });
    const task = await submit(['reviewer']);
    await expect
      .poll(async () => (await client.explain(task.taskId)).blockers, { timeout: 10_000 })
      .toMatchObject([
        {
          text: expect.stringMatching(/as the role directory does not answer: the role directory .*: ./),
          change: { change: 'directoryAnswers', address },
          changeText: `the role directory at ${address} answers again`,
        },
      ]);
    state.away = false;
    expect(await task.wait(SOON)).toBe('bob');
  });
});

describe('roles and subjects over the wire', () => {
  test('what is put is found page by page, and bad input is named', async () => {
    const coordinator = await openEmbedded();
    try {
      const client = createClient({ address: coordinator.address });
      const raw = connect(coordinator.address);
      const attributes = { level: 3, tags: ['a', null], deep: { er: true } };
      const role = await client.roles.put({
        roleId: 'r',
        roleType: 'duty',
        jobSpaceId: 's',
        groupIds: ['g'],
        attributes,
      });
      expect(role).toMatchObject({
        roleId: 'r',
        jobSpaceId: 's',
        groupIds: ['g'],
        attributes,
        description: '',
      });
      expect(Date.now() - (role.updateTime?.getTime() ?? 0)).toBeLessThan(60_000);
      await client.roles.put({ roleId: 'never' }, { validateOnly: true });
      expect(await idsOf(client.roles.query())).toEqual(['r']);
      for (let i = 0; i < 5; i += 1)
        await client.subjects.put({ subjectId: `s${i}`, roleIds: i % 2 ? ['r'] : [] });

      const filter = { role_ids: { $nin: ['r'] } };
      const first = await raw.call(method.querySubjects, { filter, pageSize: 2 });
      expect(first.subjects.map(({ subjectId }) => subjectId)).toEqual(['s0', 's2']);
      const pageToken = first.nextPageToken;
      const second = await raw.call(method.querySubjects, { filter, pageSize: 2, pageToken });
      expect([second.subjects.map(({ subjectId }) => subjectId), second.nextPageToken]).toEqual([['s4'], '']);
      const other = await failureOf(raw.call(method.querySubjects, { pageSize: 2, pageToken }));
      expect(detailsOf(other).fields).toEqual(['page_token']);

      const wrong = await failureOf(
        raw.call(method.queryRoles, { filter: { role_id: { $exist: true }, size: 1 } }),
      );
      expect([detailsOf(wrong).info?.reason, detailsOf(wrong).fields]).toEqual([
        'INVALID_FILTER',
        ['filter.role_id.$exist', 'filter.size'],
      ]);
      const large = { text: 'x'.repeat(17_000) };
      const bad = [
        raw.call(method.putRole, {}),
        raw.call(method.putRole, { role: { roleId: '', groupIds: ['a', 'a'] } }),
        raw.call(method.putRole, { role: { roleId: 'a', attributes: large } }),
        raw.call(method.putSubject, { subject: { subjectId: 'a', attributes: { x: 'a\0' } } }),
        raw.call(method.setConfig, {
          key: 'candidate_role_filter',
          value: jsonValue({ role_id: { $like: 'x' } }),
        }),
      ];
      const fields = await Promise.all(bad.map(async (one) => detailsOf(await failureOf(one)).fields));
      expect(fields).toEqual([
        ['role'],
        ['role.role_id', 'role.group_ids[1]'],
        ['role.attributes'],
        ['subject.attributes'],
        ['value.role_id.$like'],
      ]);
      for (const gone of [client.roles.delete('x'), client.subjects.delete('x')]) {
        await expect(gone).rejects.toMatchObject({ code: 'NOT_FOUND' });
      }
      expect((await client.roles.delete('r')).attributes).toEqual(attributes);
      expect((await client.subjects.delete('s1')).roleIds).toEqual(['r']);
    } finally {
      await coordinator.stop();
    }
  });
});

async function idsOf(items: AsyncIterable<{ roleId?: string; subjectId?: string }>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { roleId, subjectId } of items) ids.push(roleId ?? subjectId ?? '');
  return ids;
}

function jsonValue(json: JsonValue) {
  return fromJson(ValueSchema, json);
}

const SOON = { timeoutMs: 10_000 };
const silent = () => undefined;
const QUIET = { debug: silent, info: silent, warn: silent, error: silent };
