import { expect, it, onTestFinished } from 'vitest';
import { Recent } from '../../src/policies/cel/recent.js';
import { policyInput, startCelEngine } from '../support/cel-engine.js';

function setup() {
  const engine = startCelEngine();
  onTestFinished(() => engine.stop());
  return engine;
}

it('however many long expressions are asked for, the memory of the thread holds those that are kept', async () => {
  const engine = setup();
  for (let n = 0; n < 200; n++) {
    const keys = Array.from({ length: 600 }, (_, key) => `task.labels["k${key}"] == "${n}"`);
    expect(await engine.checkExpression('APPROVAL', keys.join(' || ')), `expression ${n}`).toEqual([]);
  }
  const call = { use: 'VALIDATE', expression: 'true', inputs: [policyInput()] } as const;
  expect(await engine.evaluate([call])).toMatchObject([[{ ok: true, output: true }]]);
}, 60_000);

it('what was asked for last is kept, as far as there is room for the keys', () => {
  const recent = new Recent<number>(10, 8);
  for (const [n, key] of ['aaa', 'bbb', 'cc'].entries()) recent.set(key, n);
  recent.get('aaa');
  recent.set('dd', 3);
  expect(['aaa', 'bbb', 'cc', 'dd'].filter((key) => recent.get(key) !== undefined)).toEqual([
    'aaa',
    'cc',
    'dd',
  ]);
  recent.set('longer than all', 4);
  expect(recent.get('longer than all')).toBe(4);
  recent.set('e', 5);
  expect(['aaa', 'longer than all', 'e'].filter((key) => recent.get(key) !== undefined)).toEqual(['e']);
});
