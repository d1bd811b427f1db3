import { describe, expect, it } from 'vitest';
import { parseHostPort } from '../../src/policies/remote/host-port.js';
import { isPublicAddress } from '../../src/policies/remote/public-address.js';

describe('an address', () => {
  it.each([
    ...[
      '8.8.8.8',
      '1.1.1.1',
      '172.15.255.255',
      '172.32.0.0',
      '100.63.255.255',
      '100.128.0.0',
      '223.255.255.255',
    ],
    ...[
      '2606:4700:4700::1111',
      '2a00:1450:4001:82b::200e',
      '::ffff:8.8.8.8',
      '64:ff9b::808:808',
      '2002:808:808::1',
    ],
  ])('of the internet may be connected to: %s', (ip) => {
    expect(isPublicAddress(ip)).toBe(true);
  });

  it.each([
    ...['127.0.0.1', '127.255.255.254', '0.0.0.0', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
    ...[
      '169.254.169.254',
      '100.64.0.1',
      '100.127.255.255',
      '192.0.0.192',
      '198.18.0.1',
      '224.0.0.1',
      '255.255.255.255',
    ],
    ...[
      '168.63.129.16',
      '::',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:a9fe:a9fe',
      '::127.0.0.1',
      '64:ff9b::7f00:1',
    ],
    ...[
      '64:ff9b:1::7f00:1',
      '64:ff9b::169.254.169.254',
      '2002:7f00:1::',
      '2002:a00:1::1',
      '2001::1',
      '2001:db8::1',
    ],
    ...['fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', '100::1', '4000::1'],
    ...['localhost', '', '1.2.3', '1.2.3.4.5', '::1::'],
  ])('of anything else may not: %s', (ip) => {
    expect(isPublicAddress(ip)).toBe(false);
  });
});

describe('host:port', () => {
  it.each([
    ['policies.example.com:443', 'policies.example.com', 443],
    ['LOCALHOST:1', 'localhost', 1],
    ['[2001:DB8::1]:65535', '2001:db8::1', 65_535],
    ['10.0.0.1:50051', '10.0.0.1', 50_051],
  ])('is read from %s', (address, host, port) => {
    expect(parseHostPort(address)).toEqual({ host, port });
  });

  it.each([
    ...[
      '',
      'host',
      'host:',
      ':443',
      'host:0',
      'host:65536',
      'host:443x',
      'https://host:443',
      'host:443/path',
    ],
    ...[
      'user@host:443',
      'a b:443',
      '[host]:443',
      '2001:db8::1:443',
      'dns:host:443',
      'unix:/run/x:1',
      `${'a'.repeat(254)}:1`,
    ],
  ])('is not what %j says', (address) => {
    expect(parseHostPort(address)).toBeUndefined();
  });
});
