import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTemplate } from '../../../src/domain/workflows/templates.js';

function partsOf(text: string) {
  const parsed = parseTemplate(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.template.parts.map((part) =>
    typeof part === 'string' ? part : [part.expression, part.fallback],
  );
}

describe('a template', () => {
  it.each<[string, readonly unknown[]]>([
    ['no braces', ['no braces']],
    ['', []],
    ['{ "a": { } } }}', ['{ "a": { } } }}']],
    ['{{ a }}', [['a', null]]],
    [
      '{{a}}{{b}}',
      [
        ['a', null],
        ['b', null],
      ],
    ],
    ['Hello {{ user.name }}!', ['Hello ', ['user.name', null], '!']],
    ['{{ "}}" }}', [['"}}"', null]]],
    ["{{ '}}' + \"'\" }}", [["'}}' + \"'\"", null]]],
    ['{{ {"a": {"b": 1}}.a.b }}', [['{"a": {"b": 1}}.a.b', null]]],
    ['{{{"a":{"b":1}}}}', [['{"a":{"b":1}}', null]]],
    ['{{ "\\"}}" }}x', [['"\\"}}"', null], 'x']],
    ['{{ r"\\" }}', [['r"\\"', null]]],
    ['{{ """a"}}"b""" }}', [['"""a"}}"b"""', null]]],
    ['{{ a // }} |\n + b }}', [['a // }} |\n + b', null]]],
    ['{{ a | "b" }}', [['a', '"b"']]],
    ['{{ a || b }}', [['a || b', null]]],
    ['{{ a || b | c || d }}', [['a || b', 'c || d']]],
    ['{{ "|" | "x|y" }}', [['"|"', '"x|y"']]],
    ['{{ f(a | b) }}', [['f(a | b)', null]]],
    ['{{ a | {"b": "|"} }}', [['a', '{"b": "|"}']]],
  ])('%j', (text, parts) => {
    expect(partsOf(text)).toEqual(parts);
  });

  it.each<[string, string]>([
    ['Hi {{ a.b ', '{{ a.b : it lacks }}'],
    ['{{ a }', 'unexpected }'],
    ['{{ (a }}', 'unexpected }'],
    ['{{ [a', 'it lacks ]'],
    ['{{ "a }}', 'a text in it does not end'],
    ['{{ "a\n" }}', 'a text in it does not end'],
    ['{{ }}', 'it has no expression'],
    ['{{ | "x" }}', 'it has no expression'],
    ['{{ a | }}', 'its default is empty'],
    ['{{ a | b | c }}', 'more than one default'],
    [`{{ ${'a'.repeat(4_001)} }}`, 'more than 4000 characters'],
    ['{{a}}'.repeat(201), 'more than 200 expressions'],
  ])('%j is none', (text, message) => {
    expect(parseTemplate(text)).toMatchObject({ ok: false, message: expect.stringContaining(message) });
  });

  it('is itself without two opening braces, whatever else it has', () => {
    const texts = fc.string({ unit: fc.constantFrom('{', '}', '|', '"', 'a', ' ', '\\', '\n') });
    fc.assert(
      fc.property(texts, (text) => {
        fc.pre(!text.includes('{{'));
        expect(partsOf(text)).toEqual(text === '' ? [] : [text]);
      }),
    );
  });

  it('gives back every expression that it was put together from', () => {
    const expressions = fc.constantFrom('a', '"}}"', '{"k": {}}', "['|'][0]", 'r"\\"', 'a || b', "'{{'");
    const fallbacks = fc.option(expressions);
    const texts = fc.constantFrom('', ' ', 'x', '}}', '|', '"', "it's", '{ ');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(texts, expressions, fallbacks), { maxLength: 10 }),
        texts,
        (list, end) => {
          const source = list
            .map(([text, a, b]) => `${text}{{ ${a}${b === null ? '' : ` | ${b}`} }}`)
            .join('');
          const expected = list.flatMap(([text, a, b]) => [...(text ? [text] : []), [a, b]]);
          expect(partsOf(source + end)).toEqual(end === '' ? expected : [...expected, end]);
        },
      ),
    );
  });

  it('ends for any text', () => {
    const texts = fc.string({
      unit: fc.constantFrom('{{', '}}', '{', '}', '|', '"', "'", 'r', '\\', '//', '\n', '(', ']'),
    });
    fc.assert(fc.property(texts, (text) => void parseTemplate(text)));
  });
});
