import { expect, it } from 'vitest';
import { mayCall, PERMISSIONS } from '../../src/api/permissions.js';
import { setup } from './support/world.js';

const methods = setup().api.methods.map(({ desc }) => `${desc.parent.typeName}.${desc.name}`);

it('every method of every service has an entry, and nothing else has', () => {
  expect(Object.keys(PERMISSIONS).sort()).toEqual([...methods].sort());
});

it('nobody may call what has no entry', () => {
  expect(mayCall(['admin'], 'reeve.v1.CoordinatorService.NotYet')).toBe(false);
  expect(mayCall(['admin'], 'constructor')).toBe(false);
});

it('a viewer changes nothing', () => {
  const allowed = methods.filter((method) => mayCall(['viewer'], method));
  for (const method of allowed)
    expect(method).toMatch(/\.(Explain|Get|List|Peek|Query|Validate|Wait|Watch)\w+$/);
  expect(methods.every((method) => mayCall(['admin'], method))).toBe(true);
  expect(methods.some((method) => mayCall([], method))).toBe(false);
});
