import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role, Subject } from '../../src/domain/directory/directory.js';
import type { PoolQuery } from '../../src/domain/directory/pool.js';
import type { Database } from '../../src/postgres/database.js';
import { createDirectoryRecord } from '../../src/postgres/directory/directory-record.js';

export interface OpenedDatabase {
  readonly db: Database;
  close(): Promise<void>;
}

/** What the record of roles and subjects must do. `open` is called once; tests live in orgs of their own. */
export function describeDirectoryRecord(name: string, open: () => Promise<OpenedDatabase>): void {
  describe(`the record of roles and subjects on ${name}`, () => {
    let opened: OpenedDatabase | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());

    const setup = () => {
      if (!opened) throw new Error('the record is not open');
      const { db } = opened;
      const directory = createDirectoryRecord(db);
      const org = `org-${randomUUID()}`;
      return {
        directory,
        org,
        role: (roleId: string, over: Partial<Role> = {}) =>
          directory.putRole(org, { ...ROLE, roleId, ...over }),
        subject: (subjectId: string, over: Partial<Subject> = {}) =>
          directory.putSubject(org, { ...SUBJECT, subjectId, ...over }),
        pool: async (query: Partial<PoolQuery>) =>
          [...(await directory.poolMembers(org, { ...POOL, ...query }))].sort(),
        async version() {
          const statement = { name: '', text: 'SELECT version FROM org_rules WHERE org = $1' };
          const [row] = await db.read<{ version: number }>(statement, [org]);
          return row?.version ?? 0;
        },
      };
    };

    test('keeps what was put, and raises the version with every change', async () => {
      const { directory, org, role, subject, version } = setup();
      const attributes = { level: 3, tags: ['a', null], "it's": { 'quo"te': true }, __proto__x: 'é' };
      const made = await role('reviewer', {
        roleType: 'duty',
        jobSpaceId: 's',
        groupIds: ['g "1"'],
        attributes,
      });
      expect(made).toMatchObject({ roleId: 'reviewer', roleType: 'duty', jobSpaceId: 's', attributes });
      expect(Date.now() - (made?.updateTime ?? 0)).toBeLessThan(60_000);
      expect(await version()).toBe(1);
      const changed = await role('reviewer', { description: 'reads' });
      expect(changed).toMatchObject({ description: 'reads', groupIds: [], attributes: {} });
      const ann = await subject('ann', { subjectType: 'agent', roleIds: ['reviewer'], groupIds: ['x'] });
      expect(await version()).toBe(3);
      const all = { org, filter: null, afterId: '', limit: 10 };
      expect(await directory.queryRoles(all)).toEqual([changed]);
      expect(await directory.querySubjects(all)).toEqual([ann]);
      expect(await directory.queryRoles({ ...all, org: 'other' })).toEqual([]);
      expect(await directory.deleteRole(org, 'reviewer')).toEqual(changed);
      expect(await directory.deleteSubject(org, 'ann')).toEqual(ann);
      expect(await version()).toBe(5);
    });

    test('to delete what is not there changes nothing', async () => {
      const { directory, org, version } = setup();
      expect(await directory.deleteRole(org, 'reviewer')).toBeNull();
      expect(await directory.deleteSubject(org, 'ann')).toBeNull();
      expect(await version()).toBe(0);
    });

    test('pages go by id', async () => {
      const { directory, org, subject } = setup();
      for (const id of ['b', 'B', 'ä', 'a'])
        await subject(id, { subjectType: id === 'b' ? 'person' : 'agent' });
      const page = { org, filter: { subject_type: 'agent' }, afterId: '', limit: 2 };
      const first = await directory.querySubjects(page);
      expect(first.map((one) => one.subjectId)).toEqual(['B', 'a']);
      const second = await directory.querySubjects({ ...page, afterId: 'a' });
      expect(second.map((one) => one.subjectId)).toEqual(['ä']);
    });

    test('a role is held by naming it, or by a group', async () => {
      const { role, subject, pool } = setup();
      await role('reviewer', { groupIds: ['legal', 'law'] });
      await role('writer');
      await subject('named', { roleIds: ['reviewer'] });
      await subject('grouped', { groupIds: ['law'] });
      await subject('both', { groupIds: ['law'], roleIds: ['writer'] });
      await subject('other', { groupIds: ['tax'], roleIds: ['unheard of'] });
      expect(await pool({ roleIds: ['reviewer'] })).toEqual(['both', 'grouped', 'named']);
      expect(await pool({ roleIds: ['reviewer', 'writer'] })).toEqual(['both']);
      expect(await pool({ roleIds: ['unheard of'] })).toEqual([]);
      expect(await pool({})).toEqual(['both', 'grouped', 'named']);
    });

    test('roles of other job spaces do not count', async () => {
      const { role, subject, pool } = setup();
      await role('here', { jobSpaceId: 's1' });
      await role('there', { jobSpaceId: 's2', groupIds: ['g'] });
      await role('everywhere');
      await subject('a', { roleIds: ['here'] });
      await subject('b', { groupIds: ['g'] });
      await subject('c', { roleIds: ['everywhere'] });
      expect(await pool({ jobSpaceId: 's1' })).toEqual(['a', 'c']);
      expect(await pool({ jobSpaceId: 's2' })).toEqual(['b', 'c']);
      expect(await pool({ jobSpaceId: '' })).toEqual(['c']);
      expect(await pool({ jobSpaceId: 's1', roleIds: ['there'] })).toEqual([]);
    });

    test('one role that matches is to be held, besides those that are named', async () => {
      const { role, subject, pool } = setup();
      await role('junior', { roleType: 'grade', attributes: { level: 1 } });
      await role('senior', { roleType: 'grade', attributes: { level: 3 } });
      await role('reviewer', { groupIds: ['law'] });
      await subject('a', { roleIds: ['senior'], groupIds: ['law'] });
      await subject('b', { roleIds: ['junior', 'reviewer'] });
      await subject('c', { roleIds: ['senior'] });
      const roleFilter = { 'attributes.level': { $in: [2, 3] } };
      expect(await pool({ roleFilter })).toEqual(['a', 'c']);
      expect(await pool({ roleFilter, roleIds: ['reviewer'] })).toEqual(['a']);
      expect(await pool({ roleFilter: { role_type: 'none' }, roleIds: ['reviewer'] })).toEqual([]);
    });

    test('a role that is gone is held by nobody', async () => {
      const { directory, org, role, subject, pool } = setup();
      await role('reviewer');
      await subject('a', { roleIds: ['reviewer'] });
      expect(await pool({ roleIds: ['reviewer'] })).toEqual(['a']);
      await directory.deleteRole(org, 'reviewer');
      expect(await pool({ roleIds: ['reviewer'] })).toEqual([]);
      expect(await pool({})).toEqual([]);
    });
  });
}

const ROLE = { roleType: '', jobSpaceId: '', groupIds: [], attributes: {}, description: '' };
const SUBJECT = { subjectType: '', roleIds: [], groupIds: [], attributes: {} };
const POOL: PoolQuery = { jobSpaceId: '', roleIds: [], roleFilter: null };
