import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { nearest } from '../../src/domain/nearest.js';
import { loadSettings } from '../../src/settings/load-settings.js';
import { SETTING_NAMES } from '../../src/settings/setting-names.js';
import { SettingsError } from '../../src/settings/settings-error.js';
import { parseSettingsText } from '../../src/settings/settings-text.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** What is in force with a `reeve.yaml` of this content in the working folder. */
function loaded(content: string | Uint8Array) {
  const folder = temporaryFolder('settings');
  writeFileSync(path.join(folder, 'reeve.yaml'), content);
  return loadSettings({ flags: {}, env: {}, folder });
}

/** The message that such a file is refused with. */
function refusal(content: string | Uint8Array): string {
  try {
    loaded(content);
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}

test('a file says settings by their names, with comments and lists; values are as they were written', () => {
  const { values, origins } = loaded(
    '# the lab\n---\nlease-ttl: 30s # short\nallowed-hosts: [a.example, b.example]\nallowed-origins:\n  - http://localhost:1\n  - http://localhost:2\nhttp: no\ndata: "1.10"\nport: 0\n',
  );
  expect(values).toMatchObject({
    leaseTtlMs: 30_000,
    allowedHosts: ['a.example', 'b.example'],
    allowedOrigins: ['http://localhost:1', 'http://localhost:2'],
    http: false,
    data: '1.10',
    port: 0,
  });
  expect(origins.leaseTtlMs).toEqual({ source: 'file', origin: 'reeve.yaml:3:12' });
  expect(origins.allowedOrigins.origin).toBe('reeve.yaml:6:3');
  expect(origins.host.source).toBe('default');
});

test('what JSON writes is read too', () => {
  expect(loaded('{"lease-ttl": "2m", "port": 7, "allowed-hosts": ["a"]}').values).toMatchObject({
    leaseTtlMs: 120_000,
    port: 7,
    allowedHosts: ['a'],
  });
});

test.each(['', '\n', '# nothing yet\n', '---\n', '{}', '\ufeff'])('%j says nothing', (content) => {
  expect(loaded(content).values.port).toBe(9001);
});

test.each([
  ['port: 70000', 'reeve.yaml:1:7: port: "70000" is not accepted, expected a whole number from 0 to 65535'],
  ['\n\n  lease-ttl: 30', 'reeve.yaml:3:14: lease-ttl: "30" is not accepted, expected a duration such as'],
  ['log-level: loud', 'reeve.yaml:1:12: log-level: "loud" is not accepted, expected one of debug, info'],
  ['allowed-hosts: [a, "b c"]', 'reeve.yaml:1:16: allowed-hosts: "a,b c" is not accepted, expected names'],
  ['lease-tll: 30s', 'reeve.yaml:1:1: there is no setting "lease-tll"; did you mean lease-ttl?'],
  ['lease_ttl: 30s', 'reeve.yaml:1:1: there is no setting "lease_ttl"; did you mean lease-ttl?'],
  ['xyzzy: 1', 'reeve.yaml:1:1: there is no setting "xyzzy"; reeve settings --defaults lists them'],
  ['__proto__: 1', 'reeve.yaml:1:1: there is no setting "__proto__"'],
  ['<<: {port: 1}', 'reeve.yaml:1:1: there is no setting "<<"'],
  ['port: 1\nhost: a\nport: 2', 'reeve.yaml:3:1: port was given before, at reeve.yaml:1:7'],
  ['port: [1, 2]', 'reeve.yaml:1:7: port: this is a list, expected a single value'],
  ['port: {a: 1}', 'reeve.yaml:1:7: port: this is a mapping, expected a single value'],
  ['allowed-hosts: [[a]]', 'reeve.yaml:1:16: allowed-hosts: expected a list of single values'],
  ['port:', 'reeve.yaml:1:6: port: there is no value; leave the line out for the default'],
  ['port: null', 'reeve.yaml:1:7: port: there is no value'],
  ['data: ~', 'reeve.yaml:1:7: data: there is no value'],
  ['host: &h a\ndata: *h', 'reeve.yaml:2:7: data: aliases are not followed, write the value itself'],
  ['? [a]\n: b', 'reeve.yaml:1:3: this is no name of a setting'],
  ['- port: 1', 'reeve.yaml:1:1: this is no mapping, expected lines such as lease-ttl: 30s'],
  ['port', 'reeve.yaml:1:1: this is no mapping'],
  ['port: [1', 'reeve.yaml:1:9: this is not YAML that can be read: Flow sequence'],
  ['\tport: 1', 'reeve.yaml:1:1: this is not YAML that can be read: Tabs'],
  ['port: 1\n---\nport: 2', 'reeve.yaml:2:1: this is not YAML that can be read: Source contains multiple'],
  ['port: !env PORT', 'reeve.yaml:1:7: this is not YAML that can be read: Unresolved tag: !env'],
])('%j is refused with its place', (content, message) => {
  expect(refusal(content)).toContain(message);
});

test('one mistake in the form of the file is told once, where it begins', () => {
  for (const content of ['port: [1\nhost: a\nhttp: x: y\n', 'a: "b\nc: d\n', 'port: 1\n  host: {a\n']) {
    expect(refusal(content)).toMatch(/^reeve\.yaml:\d+:\d+: this is not YAML that can be read: .+$/);
  }
  expect(refusal('port: [1\nhost: a\n')).toMatch(/^reeve\.yaml:2:1: /);
});

test('all that is wrong is told at once, a bounded number of lines', () => {
  expect(refusal('prot: 1\nhots: a\n').split('\n')).toHaveLength(2);
  expect(refusal('port: x\nhttp-port: y\n').split('\n')).toHaveLength(2);
  const lines = refusal(Array.from({ length: 5_000 }, (_, i) => `x${i}: 1\n`).join('')).split('\n');
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toBe('and 4980 more');
});

test('what is built to be costly is refused like anything else', () => {
  expect(refusal(`port: ${'['.repeat(500_000)}`)).toContain('reeve.yaml:1:');
  const laughs = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i},*a${i},*a${i}]\n`);
  expect(refusal(`a0: &a0 x\n${laughs.join('')}port: *a30\n`)).toContain('there is no setting "a0"');
  expect(refusal(`host: &h a\nallowed-hosts: [${'*h,'.repeat(20_000)}*h]`)).toContain(
    'list of single values',
  );
  expect(refusal('#'.repeat(1_048_577))).toBe(
    'reeve.yaml: the settings cannot be read: it is larger than 1048576 bytes',
  );
  expect(loaded('#'.repeat(1_048_576)).values.port).toBe(9001);
});

test('a file that is not text is refused', () => {
  expect(refusal(Buffer.from([0x70, 0xff, 0xfe]))).toBe(
    'reeve.yaml: the settings cannot be read: it is not UTF-8',
  );
});

test('a file that is named must be there and be one; the usual one need not be', () => {
  const folder = temporaryFolder('settings');
  expect(loadSettings({ flags: {}, env: {}, folder }).values.port).toBe(9001);
  const named = (settings: string) => () => loadSettings({ flags: { settings }, env: {}, folder });
  const place = path.join(folder, 'lab.yaml');
  expect(named('lab.yaml')).toThrow(`lab.yaml: the settings cannot be read: there is no file ${place}`);
  expect(named('lab.yaml')).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('reeve settings --defaults > FILE') }),
  );
  mkdirSync(path.join(folder, 'lab.yaml'));
  expect(named('lab.yaml')).toThrow('lab.yaml: the settings cannot be read: it is no file');
  expect(named('/dev/zero')).toThrow('/dev/zero: the settings cannot be read: it is no file');
});

test('the flag names another file, else the variable does; either instead of the usual one', () => {
  const folder = temporaryFolder('settings');
  for (const [name, port] of [
    ['reeve.yaml', 1],
    ['env.yaml', 2],
    ['flag.json', 3],
  ] as const) {
    writeFileSync(path.join(folder, name), `{"port": ${port}}`);
  }
  const portOf = (flags: Record<string, string>, env: Record<string, string>) =>
    loadSettings({ flags, env, folder }).values.port;
  expect(portOf({}, {})).toBe(1);
  expect(portOf({}, { REEVE_SETTINGS: '' })).toBe(1);
  expect(portOf({}, { REEVE_SETTINGS: 'env.yaml' })).toBe(2);
  expect(portOf({ settings: 'flag.json' }, { REEVE_SETTINGS: 'env.yaml' })).toBe(3);
  expect(portOf({}, { REEVE_PORT: '4' })).toBe(4);
});

test('a name is near to one that differs by little, and to no other', () => {
  expect(nearest('pign-interval', SETTING_NAMES)).toBe('ping-interval');
  expect(nearest('LEASE_TTL', SETTING_NAMES)).toBe('lease-ttl');
  expect(nearest('datas', SETTING_NAMES)).toBe('data');
  expect(nearest('zzz', SETTING_NAMES)).toBeUndefined();
  expect(nearest('x'.repeat(1_000_000), SETTING_NAMES)).toBeUndefined();
});

test('an entry of a file is what was written, with its place', () => {
  expect(parseSettingsText('http: yes', 'a.yaml').get('http')).toMatchObject({
    raw: 'yes',
    at: 'a.yaml:1:7',
  });
});
