import { expect, it } from 'vitest';
import { createLog } from '../../src/telemetry/log.js';

function setup(level: 'debug' | 'warn' | 'silent' = 'debug') {
  const lines: string[] = [];
  return { lines, log: createLog({ level, write: (line) => lines.push(line) }) };
}

it('a line is one JSON object with level, time, fields and message', () => {
  const { lines, log } = setup();
  log.warn({ taskId: 't1', count: 2 }, 'slow');
  expect(lines).toHaveLength(1);
  const entry = JSON.parse(lines[0] ?? '');
  expect(entry).toMatchObject({ level: 'warn', taskId: 't1', count: 2, msg: 'slow' });
  expect(new Date(entry.time).toISOString()).toBe(entry.time);
});

it('lines below the level are dropped', () => {
  const { lines, log } = setup('warn');
  log.debug({}, 'a');
  log.info({}, 'b');
  log.warn({}, 'c');
  log.error({}, 'd');
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['c', 'd']);
  const silent = setup('silent');
  silent.log.error({}, 'e');
  expect(silent.lines).toEqual([]);
});

it('control characters in fields and messages are escaped and come back as they were', () => {
  const { lines, log } = setup();
  const nasty = 'a\nb\u001b[31mc\u009b31md\u007fe\u2028f';
  log.info({ name: nasty }, nasty);
  const line = lines[0] ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
  expect(JSON.parse(line)).toMatchObject({ name: nasty, msg: nasty });
});

it('an error comes with its type, message and stack', () => {
  const { lines, log } = setup();
  log.error({ err: new TypeError('no') }, 'failed');
  expect(JSON.parse(lines[0] ?? '').err).toMatchObject({
    type: 'TypeError',
    message: 'no',
    stack: expect.stringContaining('log.test'),
  });
});

it('a command that an error carries, which may be a login, is left out', () => {
  const { lines, log } = setup();
  const error = Object.assign(new Error('WRONGPASS'), {
    code: 'E',
    command: { name: 'auth', args: ['hunter2'] },
  });
  log.error({ err: error }, 'failed');
  expect(lines.join('')).not.toContain('hunter2');
  expect(JSON.parse(lines[0] ?? '').err).toMatchObject({ message: 'WRONGPASS', code: 'E' });
});
