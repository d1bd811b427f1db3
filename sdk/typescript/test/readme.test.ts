import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { promisify } from 'node:util';
import { createClient } from '@reeve/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CoordinatorProcess, startCoordinator } from '../../../test/support/coordinator-process.js';
import { temporaryFolder } from '../../../test/support/temporary-folder.js';
import { compileExamples, readmeExamples } from './support/readme-examples.js';

const examples = readmeExamples();
const agents = examples.filter(({ source }) => source.includes('.run();'));
const programs = examples.filter((example) => !agents.includes(example));

describe("the README's examples", () => {
  const folder = temporaryFolder('readme');
  let coordinator: CoordinatorProcess;
  let workers: ReturnType<typeof spawn>[] = [];
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    [coordinator] = await Promise.all([startCoordinator(), compileExamples(examples, folder)]);
    env = { ...process.env, REEVE_ADDRESS: coordinator.address };
    workers = agents.map(({ name }) =>
      spawn(process.execPath, [compiled(name)], { env, stdio: ['ignore', 'ignore', 'pipe'] }),
    );
  });

  afterAll(async () => {
    for (const worker of workers) worker.kill('SIGKILL');
    await coordinator?.stop();
  });

  const compiled = (name: string) => path.join(folder, name.replace(/\.ts$/, '.js'));

  it('are an agent and programs that say what they print', () => {
    expect(agents.map(({ name }) => name)).toEqual(['worker.ts']);
    expect(programs.map(({ name }) => name)).toEqual([
      'client.ts',
      'watch.ts',
      'feed.ts',
      'workflow.ts',
      'cancel.ts',
      'typed.ts',
    ]);
    for (const { name, prints } of programs) expect(prints, name).toBeTruthy();
  });

  it.each(programs)('$name prints what it says', async ({ name, prints }) => {
    const { stdout } = await promisify(execFile)(process.execPath, [compiled(name)], { env });
    expect(stdout).toBe(prints);
  });

  it('end in order on SIGTERM', async () => {
    const client = createClient({ address: coordinator.address });
    for await (const { status } of client.agents.list({ capabilities: ['greet'] })) {
      expect(status).toBe('ACTIVE');
    }
    for (const worker of workers) {
      const exited = once(worker, 'exit');
      worker.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
    }
    client.close();
  });
});
