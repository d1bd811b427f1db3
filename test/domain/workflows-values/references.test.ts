import { describe, expect, it } from 'vitest';
import { namedIn, type Reference, referencesIn } from '../../../src/domain/workflows/references.js';

const ROOTS = ['context', 'results', 'params'];

describe('references of an expression', () => {
  it.each<[string, readonly Reference[]]>([
    [
      'context.a.b + results["g-1"].t[0].x',
      [
        ['context', 'a', 'b'],
        ['results', 'g-1', 't'],
      ],
    ],
    [
      'results.scan.pages.map(p, p.context.x + params.n)',
      [
        ['results', 'scan', 'pages'],
        ['params', 'n'],
      ],
    ],
    ['item.results.x + item . context', []],
    ['"context.a" + r\'results.b\' // params.c', []],
    ['size(context) > 0 && context [ "a b" ] . c == 1', [['context'], ['context', 'a b', 'c']]],
    ['mycontext.a + context_b + results2', []],
    ['results.size() > 1 ? results.a.mapping : 0', [['results'], ['results', 'a', 'mapping']]],
    ['context[item.key] + context.a[context.b]', [['context'], ['context', 'a'], ['context', 'b']]],
    ['// context.a\ncontext.b', [['context', 'b']]],
    ['has(results.a.b)', [['results', 'a', 'b']]],
  ])('%s', (expression, references) => {
    expect(referencesIn(expression, ROOTS)).toEqual(references);
  });

  it('are those of all templates of a value', () => {
    const value = { a: ['x {{ context.a }} {{ item.b | params.c }}'], b: '{{ "{{" }}', c: '{{ broken' };
    expect(namedIn(value)).toEqual(['context.a', 'item.b', 'params.c', '"{{"']);
  });
});
