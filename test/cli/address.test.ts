import { expect, test } from 'vitest';
import { addressProblem, isLoopback } from '../../src/cli/connection/address.js';
import { run } from './support/world.js';

test.each([
  'localhost:9001',
  '127.0.0.1:1',
  'reeve.example:65535',
  'reeve_1.internal.:80',
  '[::1]:9001',
  '[2001:db8::7]:443',
])('%s is an address', (address) => {
  expect(addressProblem(address)).toBeUndefined();
});

test.each([
  ['', 'it is empty'],
  [' ', 'it is empty'],
  ['foo', 'the port is missing'],
  ['foo:', 'the port is missing'],
  ['[::1]', 'the port is missing'],
  ['foo:http', 'the port "http" is not a number from 1 to 65535'],
  ['foo:99999', 'the port "99999" is not a number from 1 to 65535'],
  ['foo:0', 'the port "0" is not a number from 1 to 65535'],
  ['foo:1/path', 'the port "1/path" is not a number from 1 to 65535'],
  [':9001', 'the host is missing'],
  ['two words:9001', '"two words" is no host'],
  ['-o:9001', '"-o" is no host'],
  ['me@foo:9001', '"me@foo" is no host'],
  ['999.1.1.1:9001', '"999.1.1.1" is no host'],
  [`${'a'.repeat(254)}:1`, 'the host is longer than 253 characters'],
  ['[foo]:9001', 'what is in brackets is no IPv6 address'],
  ['::1:9001', 'an IPv6 address stands in brackets'],
  ['foo:1:2', 'it has more than one colon'],
  ['ftp://foo:9001', 'the scheme ftp:// is not one of http, https, grpc, grpcs'],
  ['https://foo', 'the port is missing'],
])('%j is none: %s', async (address, problem) => {
  expect(addressProblem(address)).toBe(problem);
  const { code, stdout, stderr } = await run(['task', 'list', `--address=${address}`]);
  expect([code, stdout]).toEqual([2, '']);
  expect(JSON.parse(stderr)).toEqual({
    code: 'USAGE',
    message: `--address: ${JSON.stringify(address)} is not accepted: ${problem}; expected HOST:PORT, such as 127.0.0.1:9001, or https://HOST:PORT for TLS`,
    retryable: false,
    hint: 'See: reeve task list --help',
  });
});

test('a variable that is no address is named, and an empty one is unset', async () => {
  const { code, stderr } = await run(['task', 'list'], { env: { REEVE_ADDRESS: 'foo' } });
  expect(code).toBe(2);
  expect(JSON.parse(stderr).message).toMatch(/^REEVE_ADDRESS: "foo" is not accepted: the port is missing/);
  const shown = await run(['profile', 'show'], { env: { REEVE_ADDRESS: '' } });
  expect(JSON.parse(shown.stdout).address).toEqual({
    value: '127.0.0.1:9001',
    source: 'default',
    origin: '',
  });
});

test.each([
  ['localhost:1', true],
  ['LOCALHOST.:1', true],
  ['a.localhost:1', true],
  ['127.9.9.9:1', true],
  ['[::1]:1', true],
  ['[::ffff:127.0.0.1]:1', true],
  ['128.0.0.1:1', false],
  ['localhost.example:1', false],
  ['[::2]:1', false],
])('%s is on this machine: %s', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});
