import { TypeError as CelTypeError, Environment, ParseError, serialize } from '@marcbachmann/cel-js';
import { describe, expect, it } from 'vitest';
import { guard, typeOf } from '../../src/policies/cel/library-internals.js';

/** What a CEL library has to do to be the one that Reeve uses; see docs/policies.md for what others did. */
describe('the CEL library', () => {
  class Task {
    constructor(fields: object) {
      Object.assign(this, fields);
    }
  }

  function setup(limits = {}) {
    return new Environment({ homogeneousAggregateLiterals: false, limits })
      .registerType('Task', {
        ctor: Task,
        fields: { tier: 'string', urgency: 'int', due: 'dyn<google.protobuf.Timestamp>', input: 'dyn' },
      })
      .registerVariable('task', 'Task')
      .registerVariable('org', 'map<string, dyn>')
      .registerVariable('now', 'google.protobuf.Timestamp')
      .registerOperator('int * double: double', (a: bigint, b: number) => Number(a) * b);
  }

  const now = new Date('2026-03-02T10:00:00Z');
  const variables = {
    task: new Task({
      tier: 'LOW',
      urgency: 3n,
      due: null,
      input: new Map<string, unknown>([
        ['pages', 12n],
        ['price', 1.5],
        ['constructor', 'x'],
        ['files', ['a', 'b']],
      ]),
    }),
    org: new Map([['limit', 10n]]),
    now,
  };

  const evaluate = (expression: string) => setup().evaluate(expression, variables);
  const refusal = (expression: string) => {
    const { error } = setup().check(expression);
    return error && { code: error.code, start: error.range?.start };
  };

  it.each([
    ['an unknown variable', 'task.urgency > foo', { code: 'unknown_variable', start: 15 }],
    ['an unknown field', 'task.urgenci > 1', { code: 'no_such_key', start: 5 }],
    ['an operand of the wrong type', '\n task.tier + 1', { code: 'no_such_overload', start: 2 }],
    ['a time beside a number', 'task.due < 3', { code: 'no_such_overload', start: 0 }],
    ['a condition that is no bool', 'task.tier ? 1 : 2', { code: 'invalid_condition_type', start: 5 }],
    ['an unknown function', 'sum([1])', { code: 'no_matching_overload', start: 0 }],
    ['an open bracket', '(1 + 2', { code: 'expected_token', start: 6 }],
    ['an open text', '1 == "a', { code: 'unterminated_string', start: 5 }],
  ])('refuses %s, and says where', (_what, expression, at) => {
    expect(refusal(expression)).toEqual(at);
  });

  it.each([
    ['task.tier == "LOW"', 'bool'],
    ['task.urgency + 1', 'int'],
    ['task.urgency * 1.5', 'double'],
    ['{"a": 1, "b": "c"}', 'map<string, dyn>'],
    ['now - now', 'google.protobuf.Duration'],
    ['task.input.pages', 'dyn'],
  ])('knows the type of %s', (expression, type) => {
    expect(setup().check(expression)).toMatchObject({ valid: true, type });
    expect(setup().parse(expression).check().valid).toBe(true);
  });

  it.each<[string, unknown]>([
    ['task.input.pages + 1', 13n],
    ['task.input.pages * 1.5', 18],
    ['task.input.price > 1', true],
    ['task.input.files.exists(f, f == "b")', true],
    ['task.input.files.all(f, f.size() == 1)', true],
    ['task.input.files.map(f, f + "!")[1]', 'b!'],
    ['task.input.files.filter(f, f != "a").size()', 1n],
    ['has(task.input.pages) && !has(task.input.none)', true],
    ['"pages" in task.input && "a" in task.input.files', true],
    ['task.input.constructor', 'x'],
    ['org.limit > 5 ? "much" : "little"', 'much'],
    ['{"a": [1, 2]}["a"][1]', 2n],
    ['"invoice.pdf".endsWith(".pdf") && "abc".contains("b") && "abc".startsWith("a")', true],
    ['"a-17".matches("^a-[0-9]+$")', true],
    ['task.due == null', true],
    ['duration("90m") > duration("1h") && now + duration("1h") > now', true],
    ['timestamp("2026-03-02T10:00:00Z") == now', true],
    ['now.getHours()', 10n],
    ['false && task.input.none == 1', false],
  ])('evaluates %s', (expression, value) => {
    expect(evaluate(expression)).toEqual(value);
  });

  it.each([
    ['a field that is not there', 'task.input.none == 1', 'no_such_key'],
    ['a division by zero', '1 / (task.urgency - 3)', 'division_by_zero'],
    ['an int of more than 64 bits', '9223372036854775807 + task.urgency', 'numeric_overflow'],
    ['a comparison with null', 'task.due > now', 'no_such_overload'],
    ['operands that turn out wrong', 'task.input.pages + "x" == "y"', 'no_such_overload'],
  ])('fails with a code at %s', (_what, expression, code) => {
    expect(() => evaluate(expression)).toThrow(expect.objectContaining({ code }));
  });

  it('bounds nesting, parts and lists', () => {
    const env = setup({ maxDepth: 20, maxAstNodes: 50, maxListElements: 10 });
    const deep = `${'('.repeat(30)}1${')'.repeat(30)}`;
    for (const expression of [deep, Array(60).fill('1').join('+'), `[${Array(11).fill('1').join()}]`]) {
      expect(() => env.parse(expression)).toThrow(ParseError);
    }
  });

  it('gives its tree, whose parts can be written out', () => {
    const { ast } = setup().parse('task.urgency > 1 && org.limit == 3');
    expect(ast.op).toBe('&&');
    expect(serialize(ast)).toBe('task.urgency > 1 && org.limit == 3');
  });

  it('leaves the types of parts on the tree, and lets them be guarded: what it does not document', () => {
    const parsed = setup().parse('task.input.files.map(f, f + "!").size() + task.urgency');
    expect(parsed.check().error).toBeUndefined();
    expect(typeOf(parsed.ast)).toBe('int');
    let seen = 0;
    if (parsed.ast.op !== '+') throw new Error('it is a sum');
    guard(parsed.ast, (args) => {
      expect(args.slice(0, 2)).toEqual([2n, 3n]);
      seen++;
    });
    expect(parsed(variables)).toBe(5n);
    expect(seen).toBe(1);
  });

  it('has errors of three classes, with a code and a place', () => {
    const { error } = setup().check('foo');
    expect(error).toBeInstanceOf(CelTypeError);
    expect(error).toMatchObject({ code: 'unknown_variable', range: { start: 0, end: 3 } });
  });
});
