import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from './support/world.js';

async function words(shell: string, ...line: string[]): Promise<string[]> {
  const { code, stdout } = await run(['__complete', shell, '--', ...line]);
  expect(code).toBe(0);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((row) => row.split('\t')[0] ?? '');
}

test('commands and groups complete, what is hidden does not', async () => {
  expect(await words('zsh', '')).toEqual([
    'dev',
    'serve',
    'migrate',
    'doctor',
    'submit',
    'task',
    'workflow',
    'approval',
    'explain',
    'agent',
    'queue',
    'operation',
    'role',
    'subject',
    'config',
    'kind',
    'policy',
    'top',
    'profile',
    'settings',
    'completion',
    'version',
  ]);
  expect(await words('zsh', 'task', 'w')).toEqual(['watch', 'wait']);
});

test('each candidate says what it is', async () => {
  const { stdout } = await run(['__complete', 'fish', '--', 'age']);
  expect(stdout).toBe('agent\tLook at agents and steer them\n');
});

test('options complete where they apply, with those of the connection', async () => {
  expect(await words('zsh', 'task', 'wait', '--')).toEqual([
    '--for',
    '--address',
    '--org',
    '--profile',
    '--output',
    '--timeout',
    '--no-color',
  ]);
  expect(await words('zsh', 'dev', '--ref')).toEqual(['--reflection']);
  expect(await words('zsh', 'dev', '--no-ref')).toEqual(['--no-reflection']);
  expect(await words('zsh', 'dev', '--addr')).toEqual([]);
});

test('values complete, as a word of their own and after an equals sign', async () => {
  expect(await words('zsh', 'submit', 'kind', '--tier', 'h')).toEqual(['HIGH']);
  expect(await words('zsh', 'submit', '--tier=h')).toEqual(['--tier=HIGH']);
  expect(await words('bash', 'submit', '--tier', '=', 'h')).toEqual(['HIGH']);
  expect(await words('bash', 'submit', '--tier', '=')).toContain('LOW');
  expect(await words('zsh', '-o', 'j')).toEqual(['json', 'jsonl']);
  expect(await words('zsh', 'completion', '')).toEqual(['bash', 'zsh', 'fish']);
  expect(await words('zsh', 'settings', 'port', 'lease-t')).toEqual(['lease-ttl']);
});

test('where a server would be asked and none answers, there is just nothing', async () => {
  expect(await words('zsh', '--address', '127.0.0.1:1', 'task', 'get', '')).toEqual([]);
});

test('names of profiles complete, and a profile says which server is asked', async () => {
  const config = path.join(folder, 'config.json');
  const profiles = { prod: { address: '127.0.0.1:1' }, proof: { address: '127.0.0.1:2' } };
  await writeFile(config, JSON.stringify({ profiles }));
  const env = { REEVE_CONFIG: config };
  const asked = async (...line: string[]) =>
    (await run(['__complete', 'zsh', '--', ...line], { env })).stdout;
  const both = 'prod\t127.0.0.1:1\nproof\t127.0.0.1:2\n';
  expect(await asked('profile', 'use', '')).toBe(both);
  expect(await asked('task', 'list', '--profile', 'pro')).toBe(both);
  expect(await asked('--profile=proo')).toBe('--profile=proof\t127.0.0.1:2\n');
  await writeFile(config, '{');
  expect(await asked('profile', 'remove', '')).toBe('');
  expect(await asked('task', 'get', '')).toBe('');
});

test.each(['bash', 'zsh', 'fish'])('there is a script for %s', async (shell) => {
  const { code, stdout } = await run(['completion', shell]);
  expect(code).toBe(0);
  expect(stdout).toContain(`__complete ${shell} --`);
});

test('the fish script completes files where a file is wanted', async () => {
  const { stdout } = await run(['completion', 'fish']);
  expect(stdout).toContain('complete -c reeve -l input-file -r -F');
  expect(stdout).toContain('complete -c reeve -l data -r -F');
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'reeve-completion-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('bash takes the candidates as they are, and its own words are handed over unchanged', async () => {
  const reeve = path.join(folder, 'reeve');
  await writeFile(reeve, '#!/bin/sh\nprintf "%s\\n" "$*" >&2\nprintf "%s\\twhat\\n" "$*" "*" "two words"\n');
  await chmod(reeve, 0o755);
  const script = (await run(['completion', 'bash'])).stdout;
  const probe = `${script}\nCOMP_WORDS=("$0" task get "" later); COMP_CWORD=3; _reeve "$0"; printf '<%s>\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await promisify(execFile)('bash', ['-c', probe, reeve]);
  expect(stdout).toBe('<__complete bash -- task get >\n<*>\n<two words>\n');
});
