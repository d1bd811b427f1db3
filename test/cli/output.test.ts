import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { Channel, OutputClosed } from '../../src/cli/output/channel.js';
import { colorsFor } from '../../src/cli/output/colors.js';
import { FORMATS, type Format } from '../../src/cli/output/format.js';
import { Printer } from '../../src/cli/output/printer.js';
import { relativeTime } from '../../src/cli/output/relative-time.js';
import type { View } from '../../src/cli/output/view.js';

interface Thing {
  readonly name: string;
  readonly made: Date;
  readonly note?: unknown;
}

const NOW = Date.UTC(2026, 9, 1, 12);

const VIEW: View<Thing> = {
  id: (thing) => thing.name,
  version: (thing) => thing.name,
  columns: [
    { title: 'name', value: (thing) => thing.name },
    {
      title: 'made',
      value: (thing) => thing.made.toISOString(),
      text: (thing, scene) => relativeTime(thing.made, scene.now),
    },
  ],
};

function setup(format: Format) {
  const stream = new PassThrough();
  const channel = new Channel(stream);
  const printer = new Printer(channel, format, () => ({ now: NOW, colors: colorsFor(false) }));
  return { stream, channel, printer, printed: () => String(stream.read() ?? '') };
}

async function printed(format: Format, things: readonly Thing[]): Promise<string> {
  const { printer, printed } = setup(format);
  await printer.many(VIEW, things, 'No things.');
  return printed();
}

const THINGS: readonly Thing[] = [
  { name: 'one', made: new Date(NOW - 180_000) },
  { name: 'number-two', made: new Date(NOW - 7_200_000), note: { deep: [1, undefined] } },
];

test('a table is aligned and tells times relative to now', async () => {
  expect(await printed('table', THINGS)).toBe(
    ['NAME        MADE', 'one         3m ago', 'number-two  2h ago', ''].join('\n'),
  );
});

test('JSON is an array of whole objects with times in ISO 8601', async () => {
  expect(JSON.parse(await printed('json', THINGS))).toEqual([
    { name: 'one', made: '2026-10-01T11:57:00.000Z' },
    { name: 'number-two', made: '2026-10-01T10:00:00.000Z', note: { deep: [1, null] } },
  ]);
});

test('JSON lines are one object a line', async () => {
  const lines = (await printed('jsonl', THINGS)).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line).name)).toEqual(['one', 'number-two']);
});

test('YAML reads back as the same objects as JSON', async () => {
  expect(parseYaml(await printed('yaml', THINGS))).toEqual(JSON.parse(await printed('json', THINGS)));
});

test('CSV has a line of titles and the same columns as the table, for programs', async () => {
  expect(await printed('csv', THINGS)).toBe(
    'name,made\none,2026-10-01T11:57:00.000Z\nnumber-two,2026-10-01T10:00:00.000Z\n',
  );
});

test('names are one a line and nothing else', async () => {
  expect(await printed('name', THINGS)).toBe('one\nnumber-two\n');
});

test('an empty list is an empty list in every format', async () => {
  const empty = Object.fromEntries(await Promise.all(FORMATS.map(async (f) => [f, await printed(f, [])])));
  expect(empty).toEqual({
    table: 'No things.\n',
    json: '[]\n',
    jsonl: '',
    yaml: '[]\n',
    csv: 'name,made\n',
    name: '',
  });
});

test('one thing is an object in JSON and YAML', async () => {
  for (const [format, read] of [
    ['json', (text: string) => JSON.parse(text)],
    ['yaml', (text: string) => parseYaml(text)],
  ] as const) {
    const { printer, printed } = setup(format);
    await printer.one(VIEW, THINGS[0] as Thing);
    expect(read(printed())).toEqual({ name: 'one', made: '2026-10-01T11:57:00.000Z' });
  }
});

test('bytes are written as base64', async () => {
  const [thing] = JSON.parse(
    await printed('json', [{ name: 'x', made: new Date(0), note: Uint8Array.of(1, 2) }]),
  );
  expect(thing.note).toEqual({ base64: 'AQI=' });
});

test('nothing that an agent writes reaches a terminal as a control, in any format', async () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not appear
  const harmful = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
  const hostile = fc.string({
    unit: fc.constantFrom(
      '\u001b',
      '[31m',
      '\u0007',
      '\u009b',
      '\u202e',
      '\n',
      '\r',
      '\t',
      '\u007f',
      'a',
      ' ',
      ':',
      '-',
      '#',
      '"',
    ),
  });
  await fc.assert(
    fc.asyncProperty(hostile, hostile, fc.constantFrom(...FORMATS), async (name, key, format) => {
      const thing = { name, made: new Date(0), note: { [key]: name } };
      const { printer, printed } = setup(format);
      await printer.many(VIEW, [thing], 'none');
      await printer.next(VIEW, thing);
      expect(printed()).not.toMatch(harmful);
    }),
  );
});

test('escaping loses nothing in JSON and YAML', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (name) => {
      const things = [{ name, made: new Date(0) }];
      expect(JSON.parse(await printed('json', things))[0].name).toBe(name);
      expect(parseYaml(await printed('yaml', things))[0].name).toBe(name);
    }),
  );
});

test('a cell that a spreadsheet would run as a formula is text in CSV', async () => {
  expect(await printed('csv', [{ name: '=cmd()', made: new Date(0) }])).toContain("'=cmd()");
});

test('writing waits for a slow reader', async () => {
  const { stream, channel } = setup('name');
  let written = false;
  const writing = channel.write('x'.repeat(1_000_000)).then(() => {
    written = true;
  });
  await new Promise(setImmediate);
  expect(written).toBe(false);
  stream.resume();
  await writing;
});

test('when the reader has gone, writing ends instead of failing', async () => {
  const { stream, channel } = setup('name');
  stream.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  await expect(channel.gone).rejects.toBeInstanceOf(OutputClosed);
  await expect(channel.write('more')).rejects.toBeInstanceOf(OutputClosed);
});

test.each([
  [0, 'now'],
  [-999, 'now'],
  [1_000, '1s ago'],
  [59_999, '59s ago'],
  [3_599_999, '59m ago'],
  [86_400_000, '1d ago'],
  [-60_000, 'in 1m'],
])('%i ms ago is "%s"', (ms, text) => {
  expect(relativeTime(new Date(NOW - ms), NOW)).toBe(text);
});
