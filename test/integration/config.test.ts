import { randomUUID } from 'node:crypto';
import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { type Client, createClient, type ParameterUpdate } from '@reeve/sdk';
import { ConfigService } from '@reeve/sdk/protocol';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Coordinator } from '../../src/coordinator.js';
import { connect, detailsOf, failureOf } from '../api/support/grpc-client.js';
import { all } from '../support/all-of.js';
import { openEmbedded } from '../support/embedded.js';
import { refusal } from '../support/refusal.js';

let coordinator: Coordinator;
beforeAll(async () => {
  coordinator = await openEmbedded({ 'min-health': '0.3', 'load-balancing-strategy': 'RANDOM' });
});
afterAll(() => coordinator.stop());

/** An organisation of its own, and who acts in it. */
function setup(subject = 'ann') {
  const org = `org-${randomUUID().slice(0, 8)}`;
  const as = (who: string): Client => {
    const client = createClient({ address: coordinator.address, org, subject: who });
    onTestFinished(() => client.close());
    return client;
  };
  const client = as(subject);
  return { org, client, as, config: client.config };
}

describe('a parameter', () => {
  test('is set, read, listed and deleted, with who set it and when', async () => {
    const { config } = setup();
    const began = Date.now() - 1_000;
    const set = await config.set('approval_timeout', '3600s');
    expect(set).toMatchObject({ key: 'approval_timeout', value: '1h', actor: 'ann' });
    expect(set.updateTime?.getTime()).toBeGreaterThan(began);
    expect(await config.get('approval_timeout')).toEqual(set);
    const free = await config.set('acme/tone', { mood: ['calm', 1.5, null, true] });
    expect(await all(config.list())).toEqual([free, set]);
    expect(await all(config.list({ prefix: 'acme/' }))).toEqual([free]);
    expect(await config.delete('approval_timeout')).toEqual(set);
    expect(await all(config.list())).toEqual([free]);
  });

  test('that is not set is NOT_FOUND, naming key and organisation; another organisation has its own', async () => {
    const { org, config, client } = setup();
    const other = setup();
    await other.config.set('approval_timeout', '2h');
    for (const call of [config.get('approval_timeout'), config.delete('approval_timeout')]) {
      const error = await refusal(call);
      expect(error).toMatchObject({ code: 'NOT_FOUND', reason: 'CONFIG_NOT_FOUND' });
      expect(error.metadata).toEqual({ key: 'approval_timeout', org });
      expect(error.message).toContain('approval_timeout');
      expect(error.message).toContain(org);
    }
    expect(await all(client.config.list())).toEqual([]);
    // A key that nobody knows is not set either.
    expect((await refusal(config.get('nonsense'))).reason).toBe('CONFIG_NOT_FOUND');
  });

  test('is changed only as it was read, where that is said', async () => {
    const { config, org } = setup();
    const first = await config.set('acme/tone', 1, { etag: '*' });
    expect(await refusal(config.set('acme/tone', 2, { etag: '*' }))).toMatchObject({
      code: 'ABORTED',
      reason: 'ETAG_MISMATCH',
      metadata: { key: 'acme/tone', org, etag: first.etag },
    });
    const second = await config.set('acme/tone', 2, { etag: first.etag });
    expect(second.etag).not.toBe(first.etag);
    for (const etag of [first.etag, 'nonsense', '0', '-1', '99999999999999999999']) {
      expect((await refusal(config.set('acme/tone', 3, { etag }))).reason).toBe('ETAG_MISMATCH');
      expect((await refusal(config.delete('acme/tone', { etag }))).reason).toBe('ETAG_MISMATCH');
      const checked = config.set('acme/tone', 3, { etag, validateOnly: true });
      expect((await refusal(checked)).reason).toBe('ETAG_MISMATCH');
    }
    expect(await config.get('acme/tone')).toEqual(second);
    await config.delete('acme/tone', { etag: second.etag });
    // What was deleted and set again is another.
    const third = await config.set('acme/tone', 2);
    expect(third.etag).not.toBe(second.etag);
  });

  test('can be checked without a change', async () => {
    const { config } = setup();
    const checked = await config.set('head_start_low', '60m', { validateOnly: true });
    expect(checked).toEqual({ key: 'head_start_low', value: '1h', etag: '', actor: 'ann' });
    expect((await refusal(config.set('head_start_low', '49h', { validateOnly: true }))).code).toBe(
      'INVALID_ARGUMENT',
    );
    expect((await refusal(config.delete('head_start_low', { validateOnly: true }))).reason).toBe(
      'CONFIG_NOT_FOUND',
    );
    expect(await all(config.list())).toEqual([]);
    const set = await config.set('head_start_low', '1h');
    expect(await config.delete('head_start_low', { validateOnly: true })).toEqual(set);
    expect(await config.get('head_start_low')).toEqual(set);
  });

  test('of a key that nobody knows, or of a wrong type, is refused at its place', async () => {
    const { config } = setup();
    const wrong: [string, JsonValue, string, string][] = [
      ['aproval_policy', 'p', 'key', 'did you mean approval_policy?'],
      ['nonsense', 1, 'key', 'free keys have a dot or a slash'],
      ['min_health', '0.5', 'value', 'must be a number from 0 to 1, for min_health'],
      ['min_health', 7, 'value', 'must be a number from 0 to 1'],
      ['approval_timeout', 30, 'value', 'must be a duration such as 500ms, 60s, 5m or 2h'],
      ['agent_resolution_strategy', 'best', 'value', 'one of load_balancing, static, plan_retrieve'],
      ['approval_policy', { id: 'p' }, 'value', 'the id of an approval policy'],
      ['role_directory_plaintext', 1, 'value', 'true or false'],
      ['plan_max_candidates', 1_001, 'value', 'a whole number from 1 to 1000'],
      ['role_directory_address', 'no-port', 'value', 'host:port'],
      ['context_provider_address', 'no-port', 'value', 'such as host.example.com:443'],
      ['candidate_role_filter', 'reviewer', 'value', 'a filter, which is a JSON object'],
      ['acme/big', 'x'.repeat(65_536), 'value', 'at most 65536 bytes as JSON'],
    ];
    for (const [key, value, field, why] of wrong) {
      const error = await refusal(config.set(key, value));
      expect(error.code).toBe('INVALID_ARGUMENT');
      expect(error.violations).toEqual([{ field, description: expect.stringContaining(why) }]);
    }
    expect(await all(config.list())).toEqual([]);
  });

  test('of a form that no client of ours sends is refused too', async () => {
    const raw = connect(coordinator.address);
    onTestFinished(() => raw.client.close());
    const { method } = ConfigService;
    const nested = (depth: number): JsonValue => (depth === 0 ? 1 : [nested(depth - 1)]);
    const set = (key: string, value: JsonValue | undefined) =>
      failureOf(
        raw.call(method.setConfig, {
          key,
          ...(value !== undefined && { value: fromJson(ValueSchema, value) }),
        }),
      );
    for (const [key, value, field] of [
      ['', 1, 'key'],
      ['acme/ü', 1, 'key'],
      ['a.'.repeat(101), 1, 'key'],
      ['acme/none', undefined, 'value'],
      ['acme/nul', 'a\0b', 'value'],
      ['acme/deep', nested(33), 'value'],
    ] as const) {
      const failure = await set(key, value);
      expect([key, failure.code]).toEqual([key, status.INVALID_ARGUMENT]);
      expect(detailsOf(failure).fields.map((name) => name.split(/[.[]/)[0])).toContain(field);
    }
    const calls = [
      raw.call(method.listConfig, { pageSize: 1_001 }),
      raw.call(method.listConfig, { pageToken: 'nonsense' }),
      raw.call(method.getConfig, {}),
    ];
    for (const call of calls) expect((await failureOf(call)).code).toBe(status.INVALID_ARGUMENT);
  });

  test('that names a policy names one that is there, of the right kind', async () => {
    const { client, config, org } = setup();
    const missing = await refusal(config.set('approval_policy', 'budget'));
    expect(missing.violations).toEqual([
      {
        field: 'value',
        description: `names policy budget, which does not exist in organisation ${org}`,
      },
    ]);
    await client.policies.put({ policyId: 'budget', kind: 'PRIORITY', cel: '500' });
    const other = await refusal(config.set('approval_policy', 'budget'));
    expect(other.message).toContain('which is of kind PRIORITY; approval_policy takes one of kind APPROVAL');
    expect((await config.set('priority_policy', 'budget')).value).toBe('budget');
    const inUse = await refusal(client.policies.delete('budget'));
    expect(inUse).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'POLICY_IN_USE' });
    await config.delete('priority_policy');
    await client.policies.delete('budget');
    expect((await refusal(config.set('priority_policy', 'budget'))).code).toBe('INVALID_ARGUMENT');
  });

  test('a remote directory needs its address, which stays as long as it is needed', async () => {
    const { config } = setup();
    expect((await refusal(config.set('role_directory', 'remote'))).message).toContain(
      'needs role_directory_address to be set first',
    );
    await config.set('role_directory', 'built_in');
    await config.set('role_directory_address', 'localhost:9');
    expect((await config.set('role_directory', 'REMOTE')).value).toBe('remote');
    expect(await refusal(config.delete('role_directory_address'))).toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'CONFIG_IN_USE',
    });
    await config.set('role_directory', 'built_in');
    await config.delete('role_directory_address');
  });

  test('may be one of very many, and they come page by page', async () => {
    const { config } = setup();
    const keys = Array.from({ length: 450 }, (_, i) => `acme/k${String(i).padStart(4, '0')}`);
    await Promise.all(keys.map((key) => config.set(key, key)));
    expect((await all(config.list())).map(({ key }) => key)).toEqual(keys);
    expect((await all(config.list({ limit: 7 }))).map(({ key }) => key)).toEqual(keys.slice(0, 7));
  });
});

describe('the configuration in force', () => {
  test('has every parameter, with defaults of the server where nothing is set', async () => {
    const { config } = setup();
    await config.set('min_health', 0.9);
    await config.set('acme/tone', 'calm');
    const effective = await config.effective();
    const byKey = new Map(effective.map((parameter) => [parameter.key, parameter]));
    expect(effective.map(({ key }) => key)).toEqual([...byKey.keys()].sort());
    expect(byKey.get('min_health')).toMatchObject({ value: 0.9, isSet: true, defaultValue: 0.3 });
    expect(byKey.get('load_balancing_strategy')).toMatchObject({ value: 'random', isSet: false });
    expect(byKey.get('head_start_urgent')).toMatchObject({ value: '24h', type: 'duration, 0s to 48h' });
    expect(byKey.get('approval_default')).toMatchObject({ value: 'reject', isSet: false });
    expect(byKey.get('approval_policy')).toMatchObject({ value: null, defaultValue: null });
    expect(byKey.get('acme/tone')).toMatchObject({ value: 'calm', isSet: true, defaultValue: null });
    expect((await config.effective({ prefix: 'head_start' })).map(({ key }) => key)).toEqual([
      'head_start_critical',
      'head_start_high',
      'head_start_low',
      'head_start_normal',
      'head_start_urgent',
    ]);
  });
});

describe('a watch of parameters', () => {
  test('tells what is set, then every change, and only of its prefix', async () => {
    const { config } = setup();
    await config.set('acme/tone', 'calm');
    await config.set('min_health', 0.9);
    const stop = new AbortController();
    const told: ParameterUpdate[] = [];
    const over = (async () => {
      for await (const update of config.watch({ prefix: 'acme/' }, { signal: stop.signal }))
        told.push(update);
    })().catch((error: unknown) => error);
    await expect.poll(() => told.length).toBe(1);
    expect(told[0]).toMatchObject({ type: 'SNAPSHOT', parameters: [{ key: 'acme/tone', value: 'calm' }] });
    await config.set('min_health', 0.8);
    await config.set('acme/tone', 'loud');
    await expect.poll(() => told.length).toBe(2);
    await config.set('acme/more', 1);
    await expect.poll(() => told.length).toBe(3);
    await config.delete('acme/tone');
    await expect.poll(() => told.length).toBe(4);
    expect(told.slice(1)).toMatchObject([
      { type: 'SET', parameter: { key: 'acme/tone', value: 'loud' } },
      { type: 'SET', parameter: { key: 'acme/more', value: 1 } },
      { type: 'DELETED', key: 'acme/tone' },
    ]);
    stop.abort(new Error('enough'));
    expect(await over).toMatchObject({ message: 'enough' });
  });
});
