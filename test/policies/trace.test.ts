import { afterAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.js';
import { celPolicy, policyInput, startCelEngine } from '../support/cel-engine.js';

const engine = startCelEngine();
afterAll(() => engine.stop());

async function traceOf(expression: string, org: JsonObject = {}) {
  const { outcome, trace } = await engine.trace(celPolicy('APPROVAL', expression), policyInput({}, { org }));
  return { outcome, steps: trace.map((step) => [step.expression, step.error || step.value]) };
}

describe('a trace', () => {
  it('tells what each part came to, innermost first, and the whole last', async () => {
    const { outcome, steps } = await traceOf('task.input.pages * 2 > org.limit', { limit: 20 });
    expect(outcome).toMatchObject({ ok: true, output: true });
    expect(steps).toEqual([
      ['task.input', { pages: 12 }],
      ['task.input.pages', 12],
      ['task.input.pages * 2', 24],
      ['org.limit', 20],
      ['task.input.pages * 2 > org.limit', true],
    ]);
  });

  it('leaves out what was not reached', async () => {
    const { steps } = await traceOf(
      'task.kind == "x" && org.none > 1 ? org.none == 2 : task.tier == "NORMAL"',
    );
    expect(steps.map(([expression]) => expression)).toEqual([
      'task.kind',
      'task.kind == "x"',
      'task.kind == "x" && org.none > 1',
      'task.tier',
      'task.tier == "NORMAL"',
      'task.kind == "x" && org.none > 1 ? org.none == 2 : task.tier == "NORMAL"',
    ]);
  });

  it('tells why a part failed, beside the failure of the whole', async () => {
    const { outcome, steps } = await traceOf('org.none > 1');
    expect(outcome).toMatchObject({ ok: false, failure: 'ERROR' });
    expect(steps).toEqual([
      ['org.none', 'No such key: none'],
      ['org.none > 1', 'No such key: none'],
    ]);
  });

  it('tells of a comprehension what does not hang on its variable', async () => {
    const { steps } = await traceOf('task.capabilities.exists(c, c == org.wanted)', { wanted: 'gpu' });
    expect(steps).toEqual([
      ['task.capabilities', ['ocr', 'gpu']],
      ['org.wanted', 'gpu'],
      ['task.capabilities.exists(c, c == org.wanted)', true],
    ]);
  });

  it('has at most 200 steps', async () => {
    const { outcome, steps } = await traceOf(`[${Array(150).fill('task.urgency > 1').join()}].all(x, x)`);
    expect(outcome).toMatchObject({ output: true });
    expect(steps).toHaveLength(200);
  });

  it('of what runs away is empty', async () => {
    const { outcome, steps } = await traceOf(
      '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!".matches("^(a+)+$")',
    );
    expect(outcome).toMatchObject({ failure: 'RUNAWAY' });
    expect(steps).toEqual([]);
  });

  it('cuts what is long', async () => {
    const text = `"${'x'.repeat(5_000)}"`;
    const { steps } = await traceOf(`${text}.size() > 1`);
    for (const [expression] of steps) expect(String(expression).length).toBeLessThan(2_100);
  });
});
