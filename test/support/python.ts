import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ExampleProcess } from './example-process.js';
import { temporaryFolder } from './temporary-folder.js';

const at = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

const PROGRAMS = at('examples/python');
const PROTOS = at('proto/reeve/v1');
/** The folder of tools comes first, so that its Python is found before the machine's. */
const PATH = [at('.tools/python/bin'), process.env.PATH].join(path.delimiter);

/** The programs of `examples/python`, with all they know of Reeve generated from the proto files. */
export interface Python {
  /** Starts one of them, for example `agent.py`. */
  start(program: string, address: string, ...args: readonly string[]): ExampleProcess;
}

/** @throws Error if there is no Python with the packages; scripts/install-test-tools gets them. */
export function preparePython(): Python {
  const folder = temporaryFolder('python');
  const env = { ...process.env, PATH, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' };
  const files = readdirSync(PROTOS).map((name) => `reeve/v1/${name}`);
  const args = ['-m', 'grpc_tools.protoc', '-I', at('proto')];
  args.push(`--python_out=${folder}`, `--grpc_python_out=${folder}`, ...files);
  execFileSync('python3', args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  return {
    start: (program, address, ...more) =>
      new ExampleProcess('python3', [path.join(PROGRAMS, program), '--address', address, ...more], env),
  };
}
