import { expect, test } from 'vitest';
import { badge } from '../../src/cli/connection/badge.js';
import type { Connection, InForce } from '../../src/cli/connection/connection.js';

const PROD = 'reeve.example:9001';

function from(source: InForce['source'], value: string): InForce {
  return { value, source, origin: source };
}

function connection(address: InForce, org: InForce, profile?: string): Connection {
  return { address, org, ...(profile !== undefined && { profile }) };
}

test.each([
  ['elsewhere', from('profile', PROD), from('default', 'default'), '[prod] reeve.example:9001'],
  [
    'with an organisation',
    from('profile', PROD),
    from('profile', 'acme'),
    '[prod] reeve.example:9001, org acme',
  ],
  [
    'of which only the organisation is in force',
    from('environment', PROD),
    from('profile', 'acme'),
    '[prod] reeve.example:9001, org acme',
  ],
  ['of which nothing is in force', from('flag', PROD), from('flag', 'acme'), undefined],
  ['on this machine', from('profile', 'localhost:9001'), from('profile', 'acme'), undefined],
])('a profile %s', (_what, address, org, expected) => {
  expect(badge(connection(address, org, 'prod'), false)).toBe(expected);
});

test('without a profile there is no badge', () => {
  expect(badge(connection(from('flag', PROD), from('default', 'default')), false)).toBeUndefined();
});
