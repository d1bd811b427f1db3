import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkParameter, MAX_VALUE_BYTES, MAX_VALUE_DEPTH } from '../../src/domain/config/check-parameter.js';
import { KNOWN_KEYS } from '../../src/domain/config/config-keys.js';
import { DEFAULT_ORG_CONFIG } from '../../src/domain/config/org-config.js';
import { orgConfigFrom } from '../../src/domain/config/org-config-from.js';
import type { JsonValue } from '../../src/domain/json.js';
import { TIERS } from '../../src/domain/tasks/tier.js';

const HOUR = 3_600_000;

const taken = (key: string, value: JsonValue) => {
  const checked = checkParameter(key, value);
  if (!checked.ok) throw new Error(checked.problem);
  return checked.value;
};
const problem = (key: string, value: JsonValue) => {
  const checked = checkParameter(key, value);
  return checked.ok ? undefined : `${checked.field} ${checked.problem}`;
};

describe('a parameter that Reeve knows', () => {
  it.each([
    ['agent_resolution_strategy', 'PLAN_RETRIEVE', 'plan_retrieve'],
    ['load_balancing_strategy', 'Least-Connections', 'least_connections'],
    ['priority_formula', 'Weighted', 'weighted'],
    ['approval_timeout', '3600s', '1h'],
    ['head_start_urgent', '0s', '0s'],
    ['head_start_critical', '48h', '48h'],
    ['min_health', 0.25, 0.25],
    ['plan_max_candidates', 1, 1],
    ['role_directory_plaintext', true, true],
    ['role_directory_address', '[::1]:443', '[::1]:443'],
    ['role_directory_address', 'roles.example:9001', 'roles.example:9001'],
    ['context_provider_address', 'found.example:9001', 'found.example:9001'],
    ['context_provider_timeout', '30s', '30s'],
    ['candidate_role_filter', { role_type: 'reviewer' }, { role_type: 'reviewer' }],
    ['static_subject_id', 'team/agent-7', 'team/agent-7'],
  ] satisfies [string, JsonValue, JsonValue][])('%s takes %j, as %j', (key, value, stored) => {
    expect(taken(key, value)).toEqual(stored);
    // What is stored is what it takes.
    expect(taken(key, stored)).toEqual(stored);
  });

  it.each([
    ['agent_resolution_strategy', 'best', 'must be one of load_balancing, static, plan_retrieve'],
    ['agent_resolution_strategy', 1, 'must be one of'],
    ['agent_resolution_strategy', null, 'must be one of'],
    ['approval_timeout', 30, 'must be a duration such as 500ms, 60s, 5m or 2h, from 100ms to 8760h'],
    ['approval_timeout', '30', 'must be a duration'],
    ['approval_timeout', '-1s', 'must be a duration'],
    ['head_start_low', '48h1s', 'from 0s to 48h'],
    ['head_start_low', '49h', 'from 0s to 48h'],
    ['min_health', 1.01, 'must be a number from 0 to 1'],
    ['min_health', '0.5', 'must be a number from 0 to 1'],
    ['plan_max_candidates', 1.5, 'must be a whole number from 1 to 1000'],
    ['plan_max_candidates', 0, 'must be a whole number from 1 to 1000'],
    ['role_directory_plaintext', 'true', 'must be true or false'],
    ['role_directory_address', 'http://roles.example', 'must be host:port'],
    ['role_directory_address', 'roles.example:0', 'must be host:port'],
    ['role_directory_address', 'roles.example:65536', 'must be host:port'],
    ['context_provider_address', 'found.example', 'must be host:port'],
    ['context_provider_timeout', '31s', 'from 100ms to 30s'],
    ['context_provider_timeout', '99ms', 'from 100ms to 30s'],
    ['candidate_role_filter', [], 'must be a filter'],
    ['candidate_role_filter', null, 'must be a filter'],
    ['static_role_id', '', 'must be the id of a role'],
    ['static_role_id', '-x', 'must be the id of a role'],
    ['static_role_id', 'x'.repeat(201), 'must be the id of a role'],
    ['priority_expression', 'x'.repeat(20_001), 'must be an expression in CEL of at most 20000 characters'],
  ] satisfies [string, JsonValue, string][])('%s does not take %j', (key, value, why) => {
    expect(problem(key, value)).toMatch(/^value must be /);
    expect(problem(key, value)).toMatch(new RegExp(`, for ${key}$`));
    expect(problem(key, value)).toContain(why);
  });

  it('has a default that is shown as what it takes', () => {
    expect(KNOWN_KEYS.size).toBe(Object.keys(DEFAULT_ORG_CONFIG).length - 3 + 2 * TIERS.length);
    for (const { key, default: otherwise, format, type, doc } of KNOWN_KEYS.values()) {
      if (otherwise !== null) expect(taken(key, format(otherwise))).toEqual(format(otherwise));
      expect(type).not.toBe('');
      expect(doc).toMatch(/\.$/);
    }
  });
});

it('docs/configuration.md is what the table of parameters says', () => {
  const script = fileURLToPath(new URL('../../scripts/config-docs.mjs', import.meta.url));
  expect(execFileSync(process.execPath, [script, '--check'], { encoding: 'utf8' })).toBe('');
});

describe('a key that Reeve does not know', () => {
  it('is refused with the one that was likely meant', () => {
    expect(problem('approval_polcy', 'p')).toContain(
      'key names no parameter (did you mean approval_policy?)',
    );
    expect(problem('APPROVAL-POLICY', 'p')).toContain('did you mean approval_policy?');
    expect(problem('zzz', 1)).toBe(
      'key names no parameter; free keys have a dot or a slash, such as acme/tone',
    );
    expect(problem('constructor', 1)).toContain('key names no parameter');
  });

  it('may hold anything under a name with a dot or a slash', () => {
    for (const value of [null, 1, 'x', [], { a: [{ b: null }] }]) {
      expect(taken('acme/tone', value)).toEqual(value);
      expect(taken('acme.tone', value)).toEqual(value);
    }
  });

  it('has no key that is lost on its way', () => {
    const lost = JSON.parse('{"a": [{"__proto__": 1}]}') as JsonValue;
    expect(problem('a.b', lost)).toBe('value must not have the key __proto__');
    expect(taken('a.b', { a: '{"__proto__": 1}', proto: '"__proto__":' })).toBeDefined();
  });

  it('holds so much, so deep', () => {
    expect(problem('a.b', 'x'.repeat(MAX_VALUE_BYTES - 2))).toBeUndefined();
    expect(problem('a.b', 'x'.repeat(MAX_VALUE_BYTES - 1))).toContain(
      'at most 65536 bytes as JSON, not 65537',
    );
    // Bytes, not characters.
    expect(problem('a.b', 'ü'.repeat(MAX_VALUE_BYTES / 2))).toContain('at most 65536 bytes');
    const nested = (depth: number): JsonValue => (depth === 0 ? 1 : [nested(depth - 1)]);
    expect(problem('a.b', nested(MAX_VALUE_DEPTH))).toBeUndefined();
    expect(problem('a.b', nested(MAX_VALUE_DEPTH + 1))).toContain(`deeper than ${MAX_VALUE_DEPTH}`);
  });
});

describe('the configuration of an organisation', () => {
  it('is the defaults where nothing is set', () => {
    expect(orgConfigFrom([])).toEqual({ config: DEFAULT_ORG_CONFIG, refused: [] });
  });

  it('has what is set, and all of it as it is set', () => {
    const values = {
      agent_resolution_strategy: 'static',
      load_balancing_strategy: 'round_robin',
      approval_timeout: '90s',
      head_start_high: '30m',
      head_start_low: '0s',
      min_health: 0,
      'acme/tone': { mood: 'calm' },
    };
    const parameters = Object.entries(values).map(([key, value]) => ({ key, value }));
    expect(orgConfigFrom(parameters)).toEqual({
      refused: [],
      config: {
        ...DEFAULT_ORG_CONFIG,
        agentResolutionStrategy: 'STATIC',
        loadBalancingStrategy: 'ROUND_ROBIN',
        approvalTimeoutMs: 90_000,
        headStarts: { HIGH: HOUR / 2, LOW: 0 },
        minHealth: 0,
        values,
      },
    });
  });

  it('has the default where something is stored that is not taken any more', () => {
    const { config, refused } = orgConfigFrom([
      { key: 'approval_timeout', value: 'soon' },
      { key: 'head_start_low', value: { a: 1 } },
      { key: 'approval_default', value: 'approve' },
      { key: 'gone_key', value: 1 },
    ]);
    expect(refused).toEqual(['approval_timeout', 'head_start_low']);
    expect(config).toMatchObject({
      approvalTimeoutMs: 24 * HOUR,
      headStarts: {},
      approvalDefault: 'APPROVE',
    });
  });
});
