import { setMaxListeners } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@reeve/sdk';
import { AgentProcesses } from './agent-processes.js';
import { type Arguments, HELP, parseArguments, UsageError } from './arguments.js';
import { openLog } from './child.js';
import { closingText } from './closing.js';
import { CoordinatorProcess } from './coordinator-process.js';
import { readFigures } from './figures.js';
import { openRun, planRun } from './open-run.js';
import { counted } from './plural.js';
import { createProgress } from './progress.js';
import { digest } from './runner.js';

const project = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '');

class Interrupted extends Error {}

/** What was started, to be stopped in the opposite order. */
class Started {
  readonly #stops: (() => Promise<void> | void)[] = [];

  add(stop: () => Promise<void> | void): void {
    this.#stops.push(stop);
  }

  async stop(): Promise<void> {
    for (let stop = this.#stops.pop(); stop; stop = this.#stops.pop()) await stop();
  }
}

async function main(args: Arguments, started: Started, ending: AbortController): Promise<void> {
  const { signal } = ending;
  const root = args.folder ?? project;
  if (!existsSync(root)) throw new UsageError(`there is no folder ${root}`);
  if (!statSync(root).isDirectory()) throw new UsageError(`${root} is not a folder`);
  const plan = await planRun(args, project);
  await mkdir(args.runs, { recursive: true });
  const log = openLog(path.join(args.runs, 'processes.log'));
  const say = (text: string): void => {
    process.stdout.write(`${text}\n`);
  };
  let note: (text: string) => void = say;

  const coordinator = await CoordinatorProcess.start({
    data: args.data,
    port: args.port,
    log,
    onRestart: (pid) => note(`The coordinator died; it serves again, on the same data, as process ${pid}.`),
    onLoss: (error) => ending.abort(error),
  });
  started.add(() => coordinator.stop());
  const { address } = coordinator;
  say(`The coordinator serves at ${address}; its data is in ${args.data}.`);
  signal.throwIfAborted();

  const { folder, resumed } = await openRun(args, plan);
  const { files, leftOut } = await folder.read();
  say(`${resumed ? 'Resuming run' : 'Run'} ${folder.runId}: ${counted(files.length, 'file')} of ${root}.`);
  for (const { reason, count } of leftOut) say(`Left out: ${counted(count, 'file')} (${reason}).`);

  const agents = new AgentProcesses({
    address,
    root,
    run: folder.folder,
    counts: { reader: args.agents, analyst: args.agents, editor: 1 },
    log,
    onRestart: (id, cause, pid) => note(`${id} died (${cause}); it is started again, as process ${pid}.`),
    onLoss: (error) => ending.abort(error),
  });
  started.add(() => agents.stop());

  const pids = [...new Map([['coordinator', coordinator.pid], ...agents.pids])];
  say(
    `Processes: ${pids.map(([name, pid]) => `${name} ${pid}`).join(', ')}. Kill any of them: the run goes on.`,
  );

  const client = createClient({ address, subject: 'digest' });
  const person = createClient({ address, subject: 'visitor' });
  started.add(() => {
    client.close();
    person.close();
  });
  const progress = createProgress(process.stdout, files.length);
  note = (text) => progress.note(text);
  const begun = performance.now();
  const result = await digest({ client, person, folder, progress, signal }).finally(() => progress.stop());
  note = say;
  const seconds = (performance.now() - begun) / 1000;
  const figures = await readFigures(client, folder.runId);
  await folder.writeReport('figures.json', `${JSON.stringify(figures, null, 2)}\n`);
  say(closingText({ result, figures, seconds, folder: folder.folder, address }));

  if (args.exit) return;
  say('The coordinator and the agents go on serving. Ctrl-C ends them.');
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () =>
      signal.reason instanceof Interrupted ? resolve() : reject(signal.reason),
    );
  });
}

/** Runs the main job; answers with the exit code. */
async function run(): Promise<number> {
  const started = new Started();
  const ending = new AbortController();
  // Every wait listens to it, and thousands wait at once.
  setMaxListeners(0, ending.signal);
  // Whoever read the output may have seen enough (`| head`); the run goes on without.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined);
  const interrupt = () => ending.abort(new Interrupted());
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, interrupt);
  try {
    // npm runs its scripts in the project's folder and says where it was called.
    const args = parseArguments(process.argv.slice(2), project, process.env.INIT_CWD ?? process.cwd());
    if (args === 'help') {
      process.stdout.write(HELP);
      return 0;
    }
    await main(args, started, ending);
    return 0;
  } catch (error) {
    if (ending.signal.reason instanceof Interrupted) {
      process.stdout.write('\nInterrupted. The same command resumes the run.\n');
      return 130;
    }
    process.stderr.write(`${(error as Error).message}\n`);
    return error instanceof UsageError ? 2 : 1;
  } finally {
    await started.stop();
  }
}

process.exitCode = await run();
