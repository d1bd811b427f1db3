import { fromJson, type JsonValue, toJson } from '@bufbuild/protobuf';
import { WorkflowSpecSchema } from '@reeve/sdk/protocol';
import { describe, expect, test } from 'vitest';
import { toDomainWorkflowSpec } from '../../src/api/mapping/workflow-spec.js';
import { toProtoWorkflowSpec } from '../../src/api/mapping/workflow-spec-message.js';
import type { ReeveError } from '../../src/domain/errors.js';
import { DEFAULT_RETRY } from '../../src/domain/tasks/retry.js';

const ADMIN = { org: 'o', subject: 'ann', roles: ['admin'] };

const mapped = (json: JsonValue, principal = ADMIN) =>
  toDomainWorkflowSpec(fromJson(WorkflowSpecSchema, json), principal, DEFAULT_RETRY, 'spec');

const refusal = (json: JsonValue): ReeveError => {
  try {
    mapped(json);
  } catch (error) {
    return error as ReeveError;
  }
  throw new Error('not refused');
};

const oneTask = (task: Record<string, JsonValue> = {}, more: Record<string, JsonValue> = {}): JsonValue => ({
  groups: [{ groupId: 'g', tasks: [{ taskId: 't', kind: 'k', ...task }] }],
  ...more,
});

/** Says everything that can be said. */
const FULL: JsonValue = {
  name: 'report',
  description: 'writes one',
  labels: { a: '1', b: '2' },
  context: { user: { name: 'Ann' }, list: [1, null, 'x'] },
  params: { limit: 3 },
  timeout: '60s',
  defaults: { tier: 'TIER_NORMAL', onFailure: 'ON_FAILURE_CONTINUE' },
  submitterSubjectId: 'bob',
  jobSpaceId: 'space',
  source: 'TASK_SOURCE_AGENT',
  groups: [
    {
      groupId: 'find',
      name: 'Find',
      dependsOn: ['other.x'],
      condition: 'params.limit > 0',
      instructions: 'Be brief.',
      timeout: '30s',
      defaults: {
        requirements: { agentType: 'AGENT_TYPE_WORKER', tags: ['fast'], minHealth: 0.5 },
        retry: {
          maxAttempts: 2,
          initialBackoff: '2s',
          maxBackoff: '5s',
          backoffMultiplier: 3,
          delays: ['1s', '0s'],
        },
        attemptTimeout: '1.500s',
        timeout: '10s',
        policies: { approval: 'ask' },
        routing: {
          strategy: 'RESOLUTION_STRATEGY_STATIC',
          loadBalancing: 'LOAD_BALANCING_RANDOM',
          staticSubjectId: 'worker',
          fallback: 'RESOLUTION_FALLBACK_NONE',
        },
      },
      tasks: [
        {
          taskId: 'list',
          name: 'List',
          kind: 'crawl',
          input: { page: '{{ item.page }}', deep: [{ x: true }] },
          instructions: 'Find pages.',
          messageTemplate: 'About {{ context.user.name }}',
          tools: ['search'],
          files: ['a.txt'],
          resultKey: 'found',
          dependsOn: ['a'],
          condition: 'true',
          validate: 'size(result) > 0',
          labels: { team: 'one' },
          lookups: { similar: { text: '{{ item.page }}', most: 3 }, who: null },
          limitKeys: ['api', '{{ item.page }}'],
          fairnessKey: '{{ context.user.name }}',
          affinityKey: 'page/{{ item.page }}',
          settings: {
            tier: 'TIER_URGENT',
            expansion: {
              type: 'EXPANSION_TYPE_CUSTOM',
              arrayMapping: [{ name: 'page', path: 'context.pages' }],
              transformRules: {
                combine: ['regions'],
                filter: { years: '>2021' },
                fieldMappings: { area: 'region' },
                conditions: ['item.x'],
                validation: ['item.y'],
              },
              mappingRules: { z: 'item.z' },
              outputFormat: 'OUTPUT_FORMAT_MERGE',
              mergeStrategy: 'MERGE_STRATEGY_REDUCE',
              reducer: 'results[0]',
              maxItems: 7,
              itemIdentifier: 'id',
            },
          },
        },
      ],
    },
  ],
};

describe('a spec', () => {
  test('says in the core what it said, and is answered as it was said', () => {
    const { spec, notes } = mapped(FULL);
    expect(notes).toEqual([]);
    expect(spec).toMatchObject({
      timeoutMs: 60_000,
      source: 'AGENT',
      submitterSubjectId: 'bob',
      defaults: { tier: 'NORMAL', onFailure: 'CONTINUE', retry: null },
      groups: [
        {
          groupId: 'find',
          timeoutMs: 30_000,
          defaults: {
            requirements: { agentType: 'WORKER', capabilities: [], tags: ['fast'], minHealth: 0.5 },
            retry: { maxAttempts: 2, delaysMs: [1_000, 0] },
            attemptTimeoutMs: 1_500,
            policies: { approval: 'ask', priority: null },
            routing: { strategy: 'STATIC', loadBalancing: 'RANDOM', fallback: 'NONE', staticRoleId: null },
          },
          tasks: [
            {
              input: { page: '{{ item.page }}', deep: [{ x: true }] },
              lookups: { similar: { text: '{{ item.page }}', most: 3 }, who: null },
              keys: {
                limits: ['api', '{{ item.page }}'],
                fairness: '{{ context.user.name }}',
                affinity: 'page/{{ item.page }}',
              },
              settings: {
                tier: 'URGENT',
                onFailure: null,
                expansion: {
                  type: 'CUSTOM',
                  outputFormat: 'MERGE',
                  mergeStrategy: 'REDUCE',
                  maxItems: 7,
                },
              },
            },
          ],
        },
      ],
    });
    expect(toJson(WorkflowSpecSchema, toProtoWorkflowSpec(spec))).toEqual(FULL);
  });

  test('that says little has what holds where nothing is said', () => {
    const { spec } = mapped(
      oneTask({ settings: { expansion: { type: 'EXPANSION_TYPE_ARRAY' }, retry: { delays: ['1s'] } } }),
    );
    expect(spec).toMatchObject({
      context: {},
      params: {},
      timeoutMs: null,
      submitterSubjectId: 'ann',
      source: 'AUTOMATED',
    });
    expect(spec.groups[0]?.tasks[0]).toMatchObject({
      input: null,
      settings: {
        tier: null,
        retry: { ...DEFAULT_RETRY, delaysMs: [1_000] },
        expansion: { outputFormat: 'SEPARATE', mergeStrategy: null, maxItems: null },
      },
    });
  });

  test('has one form, in whichever order its maps came', () => {
    const one = mapped(oneTask({ labels: { a: '1', b: '2' }, lookups: { x: 1, y: 2 } }));
    const two = mapped(oneTask({ labels: { b: '2', a: '1' }, lookups: { y: 2, x: 1 } }));
    expect(JSON.stringify(one)).toBe(JSON.stringify(two));
  });

  test('is kept without what its submitter may not say', () => {
    const spec = oneTask(
      { settings: { tier: 'TIER_CRITICAL' } },
      { source: 'TASK_SOURCE_HUMAN', defaults: { tier: 'TIER_CRITICAL' } },
    );
    const may = mapped(spec, { ...ADMIN, roles: ['tasks.submit_human'] });
    expect([may.spec.source, may.spec.defaults.tier, may.notes]).toEqual(['HUMAN', 'CRITICAL', []]);
    const plain = mapped(spec, { ...ADMIN, roles: ['submitter'] });
    expect(plain.spec.source).toBe('AUTOMATED');
    expect(plain.spec.defaults.tier).toBe('NORMAL');
    expect(plain.spec.groups[0]?.tasks[0]?.settings.tier).toBe('NORMAL');
    expect(plain.notes).toEqual([expect.stringContaining('tasks.submit_human')]);
  });

  test('is refused at each value that is too deep, and where it is too large in all', () => {
    let deep: JsonValue = 1;
    for (let i = 0; i < 65; i++) deep = [deep];
    const error = refusal(oneTask({ input: deep }, { context: { deep } }));
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD' });
    expect(error.details.violations?.map(({ field }) => field)).toEqual([
      'spec.groups[0].tasks[0].input',
      'spec.context',
    ]);
    const half = 'x'.repeat(2.5 * 1024 * 1024);
    const large = refusal(oneTask({ input: half }, { params: { half } }));
    expect(large).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'SPEC_TOO_LARGE' });
    expect(large.details.violations?.[0]?.field).toBe('spec');
    expect(() => mapped(oneTask({ input: half }))).not.toThrow();
  });

  test('is refused at each query that is too deep or too large', () => {
    let deep: JsonValue = 1;
    for (let i = 0; i < 33; i++) deep = [deep];
    const error = refusal(
      oneTask({ lookups: { deep, fine: 'x'.repeat(262_142), long: 'x'.repeat(262_143) } }),
    );
    expect(error.details.violations).toEqual([
      {
        field: 'spec.groups[0].tasks[0].lookups.deep',
        description: 'must not be nested deeper than 32',
      },
      {
        field: 'spec.groups[0].tasks[0].lookups.long',
        description: 'must have at most 262144 bytes as JSON, not 262145',
      },
    ]);
  });

  test('that looks nothing up has the form that it had before there were look-ups', () => {
    expect(Object.keys(mapped(oneTask()).spec.groups[0]?.tasks[0] ?? {})).not.toContain('lookups');
  });

  test('is refused where the waits between attempts leave none', () => {
    const error = refusal(oneTask({ settings: { retry: { initialBackoff: '5s', maxBackoff: '4s' } } }));
    expect(error.details.violations?.[0]?.field).toBe('spec.groups[0].tasks[0].settings.retry.max_backoff');
  });

  test('of nothing but its groups is answered without defaults', () => {
    const { spec } = mapped(oneTask());
    expect(toJson(WorkflowSpecSchema, toProtoWorkflowSpec(spec))).toEqual({
      ...{ submitterSubjectId: 'ann', source: 'TASK_SOURCE_AUTOMATED', context: {}, params: {} },
      groups: [{ groupId: 'g', tasks: [{ taskId: 't', kind: 'k' }] }],
    });
  });
});
