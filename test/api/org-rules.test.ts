import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../../src/domain/json.js';
import { createOrgRules, type OrgRulesOptions } from '../../src/memory/org-rules.js';
import { createLocalRelays } from '../../src/memory/relay.js';
import { rulesInForce } from '../../src/memory/rules-in-force.js';
import type { StoredRules } from '../../src/ports/config-record.js';
import type { OrgSnapshot } from '../../src/ports/org-rules.js';
import { FakeClock } from '../support/fake-clock.js';
import { NO_RECORDS } from '../support/no-policies.js';

/** A record that answers when it is told to, or at once. */
class FakeRecord {
  isAway = false;
  reads: string[] = [];
  /** Reads that wait, with what they saw when they began. */
  held: (() => void)[] | null = null;
  #changed: { org: string; at: number }[] = [];
  readonly #byOrg = new Map<string, StoredRules>();
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  set(org: string, key: string, value: JsonValue): void {
    const before = this.#byOrg.get(org);
    const version = (before?.version ?? 0) + 1;
    const parameter = { key, value, version, updateTime: 0, actor: 'ann' };
    const others = (before?.parameters ?? []).filter((p) => p.key !== key);
    const parameters = [...others, parameter];
    this.#byOrg.set(org, { version, parameters, policies: [], jobKinds: [] });
    this.#changed.push({ org, at: this.#clock.monotonic() });
  }

  readonly readRules = async (org: string): Promise<StoredRules> => {
    this.reads.push(org);
    const seen = this.#byOrg.get(org) ?? { version: 0, parameters: [], policies: [], jobKinds: [] };
    if (this.held) await new Promise<void>((resolve) => this.held?.push(resolve));
    if (this.isAway) throw new Error('the record is away');
    return seen;
  };

  readonly changedVersions = async (withinMs: number): Promise<ReadonlyMap<string, number>> => {
    if (this.isAway) throw new Error('the record is away');
    expect(Number.isInteger(withinMs)).toBe(true);
    const since = this.#clock.monotonic() - withinMs;
    const recent = this.#changed.filter(({ at }) => at > since);
    return new Map(recent.map(({ org }) => [org, this.#byOrg.get(org)?.version ?? 0]));
  };
}

function setup(options: Partial<OrgRulesOptions> = {}) {
  const clock = new FakeClock();
  const record = new FakeRecord(clock);
  const relays = createLocalRelays();
  const logged: { level: string; fields: object; message: string }[] = [];
  const note = (level: string) => (fields: object, message: string) =>
    void logged.push({ level, fields, message });
  const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const coordinator = (id: string) => {
    const relay = relays(id);
    return { relay, rules: createOrgRules({ record, relay, clock, log, ...options }) };
  };
  return { clock, record, logged, coordinator, ...coordinator('one') };
}

const tone = (snapshot: OrgSnapshot) => snapshot.config.values['acme/tone'];
/** Lets everything that can go on do so. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('the rules of an organisation', () => {
  test('are read once, and are there at once from then on', async () => {
    const { record, rules } = setup();
    record.set('acme', 'acme/tone', 'calm');
    const [first, second] = await Promise.all([rules.of('acme'), rules.of('acme')]);
    expect(tone(first)).toBe('calm');
    expect(second).toBe(first);
    expect(rules.of('acme')).toBe(first);
    expect(rules.known('acme')).toBe(first);
    expect(record.reads).toEqual(['acme']);
  });

  test('are nothing where they are wanted at once and have not been read, which begins then', async () => {
    const { record, rules } = setup();
    record.set('acme', 'acme/tone', 'calm');
    expect(rules.known('acme')).toMatchObject({ version: 0, config: { values: {} } });
    await settle();
    expect(tone(rules.known('acme'))).toBe('calm');
  });

  test('are those from before the start, where anything was set lately', async () => {
    const { record, rules } = setup();
    record.set('acme', 'acme/tone', 'calm');
    await rules.load();
    expect(tone(rules.known('acme'))).toBe('calm');
  });

  test('that were changed here are in force when the change is done, and elsewhere soon after', async () => {
    const { record, rules, clock, coordinator } = setup();
    const other = coordinator('two');
    await Promise.all([rules.of('acme'), other.rules.of('acme')]);
    clock.advance(1_000);
    record.set('acme', 'acme/tone', 'calm');
    await rules.changed('acme');
    expect(tone(rules.known('acme'))).toBe('calm');
    await settle();
    expect(tone(other.rules.known('acme'))).toBe('calm');
  });

  test('hold elsewhere with the next look at the record where the message was lost', async () => {
    const { record, rules, coordinator } = setup();
    const other = coordinator('two');
    await Promise.all([rules.of('acme'), other.rules.of('acme')]);
    other.relay.cutOff(true);
    record.set('acme', 'acme/tone', 'calm');
    await rules.changed('acme');
    await settle();
    expect(tone(other.rules.known('acme'))).toBeUndefined();
    await other.rules.look();
    expect(tone(other.rules.known('acme'))).toBe('calm');
  });

  test('are seen after an outage of any length', async () => {
    const { record, rules, clock } = setup();
    await rules.of('acme');
    await rules.look();
    record.isAway = true;
    await expect(rules.look()).rejects.toThrow('away');
    record.set('acme', 'acme/tone', 'calm');
    clock.advance(3 * 3_600_000);
    await expect(rules.look()).rejects.toThrow('away');
    record.isAway = false;
    await rules.look();
    expect(tone(rules.known('acme'))).toBe('calm');
  });

  test('stay as they were known while they cannot be read; a change that was made then holds as soon as it can', async () => {
    const { record, rules, clock } = setup();
    record.set('acme', 'acme/tone', 'calm');
    await rules.of('acme');
    record.isAway = true;
    record.set('acme', 'acme/tone', 'loud');
    await rules.changed('acme');
    expect(tone(rules.known('acme'))).toBe('calm');
    expect(tone(await rules.of('acme'))).toBe('calm');
    await expect(rules.of('unread')).rejects.toThrow('away');
    record.isAway = false;
    clock.advance(3_600_000);
    await rules.look();
    expect(tone(rules.known('acme'))).toBe('loud');
    expect(await rules.of('unread')).toMatchObject({ version: 0 });
  });

  test('that change during a read are read again before the change is done', async () => {
    const { record, rules } = setup();
    record.held = [];
    const first = rules.of('acme');
    await settle();
    record.set('acme', 'acme/tone', 'calm');
    const changed = rules.changed('acme');
    for (const release of record.held.splice(0)) release();
    expect(tone(await first)).toBeUndefined();
    await settle();
    for (const release of record.held.splice(0)) release();
    await changed;
    expect(tone(rules.known('acme'))).toBe('calm');
    expect(record.reads).toHaveLength(2);
  });

  test('of many changes at once are read a few times only, here and elsewhere', async () => {
    const { record, rules, clock, coordinator } = setup();
    const other = coordinator('two');
    await Promise.all([rules.of('acme'), other.rules.of('acme')]);
    clock.advance(1_000);
    record.reads = [];
    await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        record.set('acme', 'acme/tone', i);
        await rules.changed('acme');
      }),
    );
    await settle();
    await other.rules.look();
    expect(tone(rules.known('acme'))).toBe(99);
    expect(tone(other.rules.known('acme'))).toBe(99);
    expect(record.reads.length).toBeLessThan(8);
  });

  test('tell listeners of every change and of the first read, and of nothing else', async () => {
    const { record, rules } = setup();
    const told: [string, unknown][] = [];
    rules.onChanged(() => {
      throw new Error('a listener that fails keeps nobody from hearing');
    });
    rules.onChanged((snapshot) => told.push([snapshot.org, tone(snapshot)]));
    await rules.of('acme');
    record.set('acme', 'acme/tone', 'calm');
    await rules.changed('acme');
    await rules.look();
    await rules.changed('acme');
    expect(told).toEqual([
      ['acme', undefined],
      ['acme', 'calm'],
    ]);
  });

  test('have the default where a stored value is not taken any more, which is told once', async () => {
    const { record, rules, logged } = setup();
    record.set('acme', 'approval_timeout', 'soon');
    expect((await rules.of('acme')).config.approvalTimeoutMs).toBe(24 * 3_600_000);
    record.set('acme', 'acme/tone', 'calm');
    await rules.changed('acme');
    const warnings = logged.filter(({ level }) => level === 'warn');
    expect(warnings.map(({ fields }) => fields)).toEqual([{ org: 'acme', keys: ['approval_timeout'] }]);
  });

  test('of so many organisations are kept: those that were asked for last', async () => {
    const { record, rules } = setup({ maxOrgs: 20 });
    for (let i = 0; i < 40; i++) {
      await rules.of(`org-${i}`);
      await rules.of('often');
      await rules.look();
    }
    record.reads = [];
    await rules.of('often');
    await rules.of('org-39');
    expect(record.reads).toEqual([]);
    await rules.of('org-1');
    expect(record.reads).toEqual(['org-1']);
  });

  test('are kept as long as they are not too long together', async () => {
    const { record, rules } = setup({ maxLength: 10_000 });
    for (let i = 0; i < 8; i++) {
      record.set(`org-${i}`, 'acme/text', 'x'.repeat(2_000));
      await rules.of(`org-${i}`);
      await rules.look();
    }
    record.reads = [];
    await rules.of('org-7');
    expect(record.reads).toEqual([]);
    await rules.of('org-0');
    expect(record.reads).toEqual(['org-0']);
  });
});

test('what is changed by the record is in force before it is answered', async () => {
  const order: string[] = [];
  const note = (what: string) => async () => {
    order.push(what);
    return null;
  };
  const record = rulesInForce(
    {
      ...NO_RECORDS.config,
      deleteParameter: note('deleted'),
      deletePolicy: note('policy'),
      deleteJobKind: note('kind'),
    },
    {
      changed: async (org) => {
        order.push(`${org} in force`);
      },
    },
  );
  const change = { org: 'acme', expected: null, asOf: null, actor: 'ann' };
  await record.deleteParameter({ ...change, key: 'a.b' });
  await record.deletePolicy({ ...change, policyId: 'p' });
  await record.deleteJobKind({ ...change, kind: 'k' });
  expect(order).toEqual(['deleted', 'acme in force', 'policy', 'acme in force', 'kind', 'acme in force']);
});
