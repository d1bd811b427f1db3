import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonValue } from '../../src/domain/json.js';
import { MAX_JOB_KIND_LENGTH, MAX_PARAMETER_LENGTH, MAX_PARAMETERS } from '../../src/ports/config-record.js';
import { describePolicies } from './config-record-policies.js';
import { describeReferences } from './config-record-references.js';
import { done, type OpenedConfigRecord, worldOf } from './config-record-world.js';

/** What every record of what organisations have set must do. `open` is called once; each test has its own org. */
export function describeConfigRecord(name: string, open: () => Promise<OpenedConfigRecord>): void {
  describe(`the record of configuration on ${name}`, () => {
    let opened: OpenedConfigRecord | undefined;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());
    const setup = () => worldOf(opened);

    test('keeps a parameter with who set it; every set gives it another version', async () => {
      const { config, org, set } = setup();
      const first = done(await set('acme/tone', { mood: ['calm', 1, null] }));
      expect(first).toMatchObject({ key: 'acme/tone', value: { mood: ['calm', 1, null] }, actor: 'ann' });
      const second = done(await set('acme/tone', 'loud', null, 'bob'));
      expect(second.version).toBeGreaterThan(first.version);
      expect(second.updateTime).toBeGreaterThanOrEqual(first.updateTime);
      expect(await config.listParameters(org)).toEqual([second]);
      expect(await config.listParameters('other')).toEqual([]);
    });

    test('a value of every sort comes back as it was', async () => {
      const { config, org, set } = setup();
      const values: JsonValue[] = [null, true, 0, -1.5e-7, 1e300, '', 'ü"\\\n😀', [], {}, [[{ a: null }]]];
      for (const [i, value] of values.entries()) await set(`a.${i}`, value);
      const stored = await config.listParameters(org);
      expect(stored.map(({ value }) => value)).toEqual(values);
      expect((await config.readRules(org)).parameters).toEqual(stored);
    });

    test('changes what is as it was read, and nothing else', async () => {
      const { config, org, set } = setup();
      const { version } = done(await set('a.b', 1, 0));
      const current = (await config.listParameters(org))[0];
      expect(await set('a.b', 2, 0)).toEqual({ kind: 'CHANGED_SINCE', found: current });
      expect(await set('a.b', 2, version + 7)).toEqual({ kind: 'CHANGED_SINCE', found: current });
      expect(await set('other.key', 2, version)).toEqual({ kind: 'CHANGED_SINCE', found: null });
      done(await set('a.b', 2, version));
      expect(await set('a.b', 3, version)).toMatchObject({ kind: 'CHANGED_SINCE' });
      expect((await config.listParameters(org)).map(({ value }) => value)).toEqual([2]);
    });

    test('of several at once that read the same, one changes it', async () => {
      const { config, org, set } = setup();
      const { version } = done(await set('a.b', 0));
      const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => set('a.b', i + 1, version)));
      const changed = answers.flatMap((answer) => (answer.kind === 'OK' ? [answer.value] : []));
      expect(changed).toHaveLength(1);
      expect(await config.listParameters(org)).toEqual(changed);
      const added = await Promise.all(Array.from({ length: 8 }, (_, i) => set('new.key', i, 0)));
      expect(added.filter(({ kind }) => kind === 'OK')).toHaveLength(1);
    });

    test('a version is not given twice, not even after a delete', async () => {
      const { config, org, set } = setup();
      const first = done(await set('a.b', 1));
      const remove = (expected: number | null) =>
        config.deleteParameter({ org, key: 'a.b', expected, asOf: null, actor: 'ann' });
      expect(await remove(first.version + 1)).toEqual({ kind: 'CHANGED_SINCE', found: first });
      expect(await remove(first.version)).toEqual({ kind: 'OK', value: first });
      expect(await remove(null)).toBeNull();
      expect(done(await set('a.b', 1)).version).toBeGreaterThan(first.version);
    });

    test('every change raises the version of its organisation, what changes nothing does not', async () => {
      const { config, org, set, kind } = setup();
      expect(await config.versionOf(org)).toBe(0);
      const versions: number[] = [];
      const note = async () => versions.push(await config.versionOf(org));
      await set('a.b', 1);
      await note();
      await config.putJobKind(kind('crawl'));
      await note();
      await config.deleteJobKind({ org, kind: 'crawl', expected: null, actor: 'ann' });
      await note();
      await config.deleteParameter({ org, key: 'a.b', expected: null, asOf: null, actor: 'ann' });
      await note();
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
      expect(versions[0]).toBeGreaterThan(0);

      await set('a.b', 1, 99);
      await config.deleteParameter({ org, key: 'a.b', expected: null, asOf: null, actor: 'ann' });
      await config.deleteJobKind({ org, kind: 'crawl', expected: null, actor: 'ann' });
      await config.putJobKind({ ...kind('crawl'), expected: 99 });
      expect(await config.versionOf(org)).toBe(versions.at(-1));
      expect((await config.changedVersions(60_000)).get(org)).toBe(versions.at(-1));
      expect((await config.changedVersions(0)).has(org)).toBe(false);
    });

    test('keeps what jobs of a kind are like', async () => {
      const { config, org, kind } = setup();
      const first = done(await config.putJobKind(kind('crawl')));
      expect(first).toMatchObject({ ...kind('crawl').jobKind, version: 1, actor: 'ann' });
      const bare = {
        ...kind('bare').jobKind,
        inputSchema: null,
        requiredFields: [],
        validate: '',
        preemptible: false,
      };
      const second = done(await config.putJobKind({ ...kind('bare'), jobKind: bare }));
      expect(second).toMatchObject({
        inputSchema: null,
        requiredFields: [],
        validate: '',
        preemptible: false,
      });
      expect(await config.listJobKinds(org)).toEqual([second, first]);
      expect((await config.readRules(org)).jobKinds).toEqual([second, first]);
      expect(await config.putJobKind({ ...kind('crawl'), expected: 0 })).toEqual({
        kind: 'CHANGED_SINCE',
        found: first,
      });
      const deleted = await config.deleteJobKind({
        org,
        kind: 'crawl',
        expected: first.version,
        actor: 'ann',
      });
      expect(deleted).toEqual({ kind: 'OK', value: first });
      expect(await config.listJobKinds(org)).toEqual([second]);
    });

    test('an organisation may have so many parameters, and change those it has', async () => {
      const { config, org, set } = setup();
      for (let i = 0; i < MAX_PARAMETERS; i += 50) {
        await Promise.all(Array.from({ length: 50 }, (_, j) => set(`k.${i + j}`, i)));
      }
      expect(await set('k.more', 1)).toEqual({ kind: 'TOO_MANY' });
      done(await set('k.7', 'another'));
      await config.deleteParameter({ org, key: 'k.8', expected: null, asOf: null, actor: 'ann' });
      done(await set('k.more', 1));
      expect(await config.listParameters(org)).toHaveLength(MAX_PARAMETERS);
    });

    test('all that is said together may be so long', async () => {
      const { config, set, kind } = setup();
      const half = 'x'.repeat(MAX_PARAMETER_LENGTH / 2);
      done(await set('a.a', half));
      expect(await set('a.b', half)).toEqual({ kind: 'TOO_MANY' });
      done(await set('a.a', half.slice(9)));
      const long = kind('long');
      const jobKind = { ...long.jobKind, inputSchema: { title: 'x'.repeat(MAX_JOB_KIND_LENGTH) } };
      expect(await config.putJobKind({ ...long, jobKind })).toEqual({ kind: 'TOO_MANY' });
    });

    describePolicies(setup);
    describeReferences(setup);
  });
}
