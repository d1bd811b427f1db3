import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FAILPOINTS } from '../../src/ports/failpoints.js';
import { parseFailpoints } from '../../src/telemetry/failpoints.js';

/** Runs `script` in a process of its own, with `failpoints` parsed from `text`. */
function run(text: string, script: string) {
  const url = new URL('../../dist/telemetry/failpoints.js', import.meta.url).href;
  const source = `import { parseFailpoints } from ${JSON.stringify(url)};
    const failpoints = parseFailpoints(${JSON.stringify(text)});
    const say = (word) => process.stdout.write(word + '\\n');
    ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return { child, said: () => said.trim().split('\n') };
}

/** The letter the kernel has for the process, `T` for stopped. */
function stateOf(pid: number): string | undefined {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0];
}

it('exit kills the process at the named hit and nothing after it runs', async () => {
  const { child, said } = run(
    'settle.after-commit=exit@3',
    `for (let n = 1; n <= 5; n++) {
      await failpoints.hit('settle.before-commit');
      say('before ' + n);
      await failpoints.hit('settle.after-commit');
      say('after ' + n);
    }`,
  );
  const [, signal] = await once(child, 'close');
  expect(signal).toBe('SIGKILL');
  expect(said()).toEqual(['before 1', 'after 1', 'before 2', 'after 2', 'before 3']);
});

it('freeze stops the process until it is continued', async () => {
  const { child, said } = run(
    'claim.after-send=freeze',
    `say('before'); await failpoints.hit('claim.after-send'); say('after');`,
  );
  await expect.poll(() => stateOf(child.pid ?? 0), { timeout: 20_000 }).toBe('T');
  expect(said()).toEqual(['before']);
  child.kill('SIGCONT');
  await once(child, 'close');
  expect(said()).toEqual(['before', 'after']);
});

it('lose rejects as if a store had gone away, once, at the named hit', async () => {
  const failpoints = parseFailpoints('claim.after-commit=lose@2');
  await failpoints.hit('claim.after-commit');
  await expect(failpoints.hit('claim.after-commit')).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    reason: 'REPLY_LOST',
  });
  await failpoints.hit('claim.after-commit');
});

it('every failpoint can be named, several at once, and without any nothing is done', () => {
  const all = parseFailpoints(FAILPOINTS.map((name) => `${name}=exit@999`).join('; '));
  for (const name of FAILPOINTS) expect(all.hit(name)).toBeUndefined();
  expect(parseFailpoints('').hit('submit.before-commit')).toBeUndefined();
});

it.each([
  ['settle.sideways=exit', /there is no "settle\.sideways"; there are submit\.before-commit, /],
  [
    'settle.after-commit=explode@2',
    /"explode" of settle\.after-commit is not an action; there are exit, freeze, lose/,
  ],
  ['settle.after-commit=exit@0', /"0" of settle\.after-commit is not a count/],
  ['settle.after-commit', /"settle\.after-commit" is not name=action@nth/],
])('%s is refused with what there is', (text, message) => {
  expect(() => parseFailpoints(text)).toThrow(message);
});
