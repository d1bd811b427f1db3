import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/settings/duration.js';
import { resolveSettings } from '../../src/settings/resolve-settings.js';
import type { Setting } from '../../src/settings/setting.js';
import { SettingsError } from '../../src/settings/settings-error.js';
import { parseSettingsText } from '../../src/settings/settings-text.js';
import { SETTINGS } from '../../src/settings/table.js';

const table = Object.values<Setting<unknown>>(SETTINGS);

test('without anything given every setting has its default and says so', () => {
  const { values, origins } = resolveSettings({});
  expect(values).toEqual({
    data: '.reeve/data',
    host: '127.0.0.1',
    port: 9001,
    http: true,
    httpPort: 9002,
    allowedHosts: [],
    allowedOrigins: [],
    policyPrivateHosts: [],
    policyPlaintextHosts: [],
    eventHandlers: [],
    logLevel: 'warn',
    leaseTtlMs: 60_000,
    acceptTimeoutMs: 5_000,
    pingIntervalMs: 15_000,
    keepAliveMs: 600,
    agentStaleAfterMs: 300_000,
    minHealth: 0.5,
    maxPayloadBytes: 262_144,
    maxCallsPerOrg: 10_000,
    stopGraceMs: 10_000,
    streamAgeMs: 25 * 60_000,
    taskRetentionMs: 30 * 86_400_000,
    requestIdRetentionMs: 7 * 86_400_000,
    priorityFormula: 'tier_aging',
    loadBalancingStrategy: 'LEAST_CONNECTIONS',
    reflection: true,
    failpoints: '',
    postgresUrl: '',
    postgresWriters: 6,
    postgresReaders: 4,
    statementTimeoutMs: 15_000,
    preparedStatements: true,
    redisUrl: '',
    redisPrefix: 'reeve',
    redisTimeoutMs: 2_000,
    connectTimeoutMs: 5_000,
    storeWaitMs: 60_000,
    migrateAtStart: false,
    leaseOutageGraceMs: 600_000,
    insecureOpen: false,
  });
  expect(new Set(Object.values(origins).map((o) => o.source))).toEqual(new Set(['default']));
});

test('a flag wins over the environment, the environment over a file, a file over the default', () => {
  const { values, origins } = resolveSettings({
    flags: { port: '1' },
    env: { REEVE_PORT: '2', REEVE_LEASE_TTL: '2m' },
    file: parseSettingsText('port: 3\nlease-ttl: 3m\nmin-health: 0.25\n', 'reeve.yaml'),
  });
  expect([values.port, values.leaseTtlMs, values.minHealth]).toEqual([1, 120_000, 0.25]);
  expect([origins.port, origins.leaseTtlMs, origins.minHealth, origins.host]).toEqual([
    { source: 'flag', origin: '--port' },
    { source: 'environment', origin: 'REEVE_LEASE_TTL' },
    { source: 'file', origin: 'reeve.yaml:3:13' },
    { source: 'default', origin: '' },
  ]);
});

test('an empty variable counts as unset', () => {
  expect(resolveSettings({ env: { REEVE_PORT: '' } }).values.port).toBe(9001);
});

test('a bad value is told with its flag or variable and what is accepted, all of them at once', () => {
  const bad = () =>
    resolveSettings({
      flags: { port: '70000', 'lease-ttl': '60' },
      env: { REEVE_PRIORITY_FORMULA: 'random', REEVE_REFLECTION: 'perhaps' },
    });
  expect(bad).toThrow(SettingsError);
  expect(bad).toThrow('--port: "70000" is not accepted, expected a whole number from 0 to 65535');
  expect(bad).toThrow('--lease-ttl: "60" is not accepted, expected a duration such as 500ms, 60s, 5m or 2h');
  expect(bad).toThrow('REEVE_PRIORITY_FORMULA: "random" is not accepted, expected one of tier_aging, fcfs');
  expect(bad).toThrow('REEVE_REFLECTION: "perhaps" is not accepted, expected true or false');
});

test('a flag that is no setting is refused', () => {
  expect(() => resolveSettings({ flags: { prot: '1' } })).toThrow(
    '--prot: there is no setting "prot"; did you mean port?',
  );
});

test('choices and switches are read whatever their case', () => {
  const { values } = resolveSettings({
    flags: { 'load-balancing-strategy': 'least_connections', 'log-level': 'INFO', reflection: 'OFF' },
  });
  expect([values.loadBalancingStrategy, values.logLevel, values.reflection]).toEqual([
    'LEAST_CONNECTIONS',
    'info',
    false,
  ]);
});

test('lists have commas between their items, each of which is checked', () => {
  const flags = { 'allowed-hosts': 'reeve.example, 10.0.0.1,', 'allowed-origins': 'http://localhost:5173' };
  const { values } = resolveSettings({ flags });
  expect(values.allowedHosts).toEqual(['reeve.example', '10.0.0.1']);
  expect(values.allowedOrigins).toEqual(['http://localhost:5173']);
  expect(resolveSettings({ flags: { 'allowed-hosts': '' } }).values.allowedHosts).toEqual([]);
  for (const bad of ['*', 'null', 'app.example', 'https://app.example/', 'https://a.example,nonsense']) {
    expect(() => resolveSettings({ flags: { 'allowed-origins': bad } })).toThrow('--allowed-origins');
  }
  expect(() => resolveSettings({ flags: { 'allowed-hosts': 'a.example:80/x' } })).toThrow('--allowed-hosts');
});

test('a URL is accepted by its scheme; its password is neither shown nor repeated', () => {
  const url = 'postgres://reeve:hunter2@db:5432/reeve?sslmode=require&sslpassword=hunter2';
  expect(resolveSettings({ env: { REEVE_POSTGRES_URL: url } }).values.postgresUrl).toBe(url);
  expect(SETTINGS.postgresUrl.format(url)).toBe(
    'postgres://reeve:***@db:5432/reeve?sslmode=require&sslpassword=***',
  );
  expect(SETTINGS.redisUrl.format('redis://:hunter2@r')).toBe('redis://:***@r');
  for (const bad of ['http://reeve:hunter2@db/x', 'reeve:hunter2@db', 'postgres//hunter2']) {
    const refused = () => resolveSettings({ flags: { 'postgres-url': bad } });
    expect(refused).toThrow('--postgres-url: what is given is not accepted');
    expect(refused).not.toThrow('hunter2');
  }
});

test('failpoints are accepted only in their syntax', () => {
  const good = 'settle.after-commit=exit@40;claim.after-send=freeze@3';
  expect(resolveSettings({ env: { REEVE_FAILPOINTS: good } }).values.failpoints).toBe(good);
  for (const bad of ['settle.after-commit', 'settle.after-commit=jump', 'x=exit@0']) {
    expect(() => resolveSettings({ flags: { failpoints: bad } })).toThrow('--failpoints');
  }
});

test('every setting accepts its own default, written as a person would', () => {
  for (const setting of table) {
    expect([setting.name, setting.parse(setting.format(setting.default))]).toEqual([
      setting.name,
      setting.default,
    ]);
  }
});

test('names of flags and variables follow from the name, and every setting is one sentence', () => {
  for (const { name, env, flag, doc } of table) {
    expect(flag).toBe(`--${name}`);
    expect(env).toBe(`REEVE_${name.toUpperCase().replaceAll('-', '_')}`);
    expect(doc).toMatch(/^[A-Z].*\.$/);
  }
  expect(new Set(table.map((s) => s.name)).size).toBe(table.length);
});

test.each([
  ['500ms', 500],
  ['60s', 60_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
  ['0s', 0],
])('%s is %i ms', (written, ms) => {
  expect(parseDuration(written)).toBe(ms);
  expect(parseDuration(formatDuration(ms))).toBe(ms);
});

test.each(['', '60', '-1s', '1 day', '1e3s', '0.5ms', 's', '1.2345s'])('"%s" is no duration', (written) => {
  expect(parseDuration(written)).toBeUndefined();
});
