import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A program of `bench/programs/` in a process of its own, which answers one question at a time. */
export interface Program {
  readonly pid: number;
  /** Sends a question and waits for its answer. */
  ask<T>(question: object): Promise<T>;
  stop(): Promise<void>;
}

/** Starts a program of this benchmark and waits until it says that it is ready. */
export function startProgram(
  name: string,
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
): Promise<Program> {
  return startFile(name, fileURLToPath(new URL(`./${name}.js`, import.meta.url)), args, env);
}

/** @param name for errors */
export async function startFile(
  name: string,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const child = fork(file, [...args], { env: { ...process.env, ...env } });
  const exited = once(child, 'exit');
  const killed = () => child.kill('SIGKILL');
  process.once('exit', killed);
  let stopping = false;

  async function answer(): Promise<unknown> {
    const gone = exited.then(() => {
      if (!stopping) throw new Error(`${name} ended before it answered`);
    });
    const [message] = await Promise.race([once(child, 'message'), gone.then(() => [undefined])]);
    return message;
  }

  await answer();
  return {
    pid: child.pid as number,
    async ask<T>(question: object) {
      const answered = answer();
      child.send(question);
      return (await answered) as T;
    },
    async stop() {
      stopping = true;
      // It ends by itself when nobody can ask it any more, and has time to write its profile.
      if (child.connected) child.disconnect();
      await exited;
      process.off('exit', killed);
    },
  };
}

/** The other side: says that it is ready, then answers each question. */
export function serveQuestions<Q>(answer: (question: Q) => Promise<object>): void {
  process.on('message', (question: Q) => {
    answer(question).then(
      (reply) => process.send?.(reply),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  });
  process.once('disconnect', () => process.exit());
  process.send?.({ ready: true });
}

/** The machine's monotonic clock in ms, the same for all its processes. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
