import { execFile, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { compileExamples } from '../../../sdk/typescript/test/support/readme-examples.js';
import { run } from '../../cli/support/world.js';
import { openEmbedded } from '../../support/embedded.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const DOCUMENT = fileURLToPath(new URL('../../../docs/workflows.md', import.meta.url));
const blocks = [...readFileSync(DOCUMENT, 'utf8').matchAll(/^```(\w+) ?(\S*)\n(.*?)^```$/gms)];
const blockOf = (name: string) => blocks.find(([, language, file]) => (file || language) === name)?.[3] ?? '';

test('the first example of the documentation does what it says, from a file and from a program', async () => {
  const coordinator = await openEmbedded();
  onTestFinished(() => coordinator.stop());
  const env = { REEVE_ADDRESS: coordinator.address };
  const folder = temporaryFolder('workflow-docs');
  const programs = ['greeter.ts', 'start.ts'].map((name) => {
    return { name, source: blockOf(name), prints: undefined };
  });
  await compileExamples(programs, folder);
  const file = path.join(folder, 'greetings.yaml');
  writeFileSync(file, blockOf('greetings.yaml'));
  const agent = spawn(process.execPath, [path.join(folder, 'greeter.js')], {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  onTestFinished(() => void agent.kill('SIGKILL'));

  expect((await run(['workflow', 'validate', file], { env })).code).toBe(0);
  const argv = ['workflow', 'start', file, '--param', 'greeting=Hello', '--wait', '-o', 'json'];
  const { stdout } = await run(argv, { env });
  const { outputs: _, ...context } = JSON.parse(stdout).context;
  expect(context).toEqual(JSON.parse(blockOf('context.json')));

  const program = path.join(folder, 'start.js');
  const ran = await promisify(execFile)(process.execPath, [program], { env: { ...process.env, ...env } });
  expect(ran.stdout).toBe(blockOf('text'));
});
