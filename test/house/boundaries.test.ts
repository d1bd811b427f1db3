import { describe, expect, it } from 'vitest';
import { strayArrows } from './arrows.js';
import { importCycles } from './cycles.js';
import { strayGlobals } from './globals.js';
import { readRepositoryFile, repositoryFiles } from './repository.js';
import { parseSource } from './source-file.js';

const sources = repositoryFiles('src/*.ts', 'sdk/typescript/src/*.ts', 'examples/*.ts', 'bench/*.ts').map(
  (file) => parseSource(file, readRepositoryFile(file)),
);

describe('the repository', () => {
  it('has sources in every part that the table knows of', () => {
    expect(sources.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['src/domain/errors.ts', 'sdk/typescript/src/protocol.ts']),
    );
  });

  it('imports only along the arrows of the table', () => {
    expect(strayArrows(sources)).toEqual([]);
  });

  it('has no cycle of imports', () => {
    expect(importCycles(sources)).toEqual([]);
  });

  it('takes time, timers, randomness and ids from ports in the core, and the environment in main.ts', () => {
    expect(strayGlobals(sources)).toEqual([]);
  });
});

describe('the check of arrows', () => {
  const complaints = (name: string, text: string) => strayArrows([parseSource(name, text)]);

  it.each([
    ['an import', "import { x } from '../ports/clock.js';"],
    ['a type-only import', "import type { X } from '../ports/clock.js';"],
    ['an import for its effect', "import '../ports/clock.js';"],
    ['a re-export', "export { x } from '../ports/clock.js';"],
    ['a type-only re-export of everything', "export type * from '../ports/clock.js';"],
    ['a dynamic import', "const x = await import('../ports/clock.js');"],
    ['an import inside a type', "type X = import('../ports/clock.js').X;"],
    ['a file named by its URL', "new URL('../ports/clock.js', import.meta.url);"],
  ])('sees %s', (_, text) => {
    expect(complaints('src/domain/bad.ts', text)).toEqual([
      'src/domain/bad.ts:1: domain may not import ports',
    ]);
  });

  it.each([
    ['src/usecases/tasks/bad.ts', '../../postgres/database.js', 'usecases may not import postgres'],
    ['src/api/bad.ts', '../grpc/server.js', 'api may not import grpc'],
    ['src/http/bad.ts', '../grpc/server.js', 'http may not import grpc'],
    ['src/cli/bad.ts', '../main.js', 'cli may not import main'],
    ['src/postgres/bad.ts', '../usecases/ports.js', 'postgres may not import usecases'],
    ['examples/bad.ts', '../src/domain/errors.js', 'examples may not import domain'],
    ['bench/bad.ts', '../sdk/typescript/src/index.js', 'bench may not import sdk'],
    ['bench/decisions/bad.ts', '../../src/memory/ready-index.js', 'decisions bench may not import memory'],
    ['bench/decisions/bad.ts', '../plan.js', 'decisions bench may not import bench'],
    ['sdk/typescript/src/bad.ts', '../../../src/domain/errors.js', 'sdk may not import domain'],
    ['src/domain/bad.ts', '../../test/support/world.js', 'domain may not import test support'],
    ['src/domain/bad.ts', 'node:fs', 'domain may not import node:fs'],
    ['src/ports/bad.ts', 'pg', 'ports may not import pg'],
    ['src/cli/bad.ts', '@grpc/grpc-js', 'cli may not import @grpc/grpc-js'],
    ['examples/bad.ts', '@reeve/sdk/protocol', 'examples may not import @reeve/sdk/protocol'],
    ['src/memory/bad.ts', '@electric-sql/pglite', 'memory may not import @electric-sql/pglite'],
  ])('%s may not import %s', (file, specifier, complaint) => {
    expect(complaints(file, `import {} from '${specifier}';`)).toEqual([`${file}:1: ${complaint}`]);
  });

  it('sees a folder that nobody has put into the table', () => {
    expect(complaints('src/helpers/a.ts', '')).toEqual([
      'src/helpers/a.ts: belongs to no part that may be there',
    ]);
  });

  it('sees an import whose target is computed', () => {
    expect(complaints('src/cli/bad.ts', "\nawait import('./' + name);")).toEqual([
      'src/cli/bad.ts:2: cli imports something that only shows when it runs',
    ]);
  });

  it('lets pass what the table allows', () => {
    const text = "import type { Task } from '../domain/tasks/task.js'; import './claim.js';";
    expect(complaints('src/usecases/good.ts', text)).toEqual([]);
  });
});

describe('the check of cycles', () => {
  it('sees one that is made of types only', () => {
    const files = [
      parseSource('src/domain/a.ts', "import type { B } from './b.js';"),
      parseSource('src/domain/b.ts', "export * from './c.js';"),
      parseSource('src/domain/c.ts', "import { a } from './a.js';"),
    ];
    expect(importCycles(files)).toEqual([
      'src/domain/a.ts -> src/domain/b.ts -> src/domain/c.ts -> src/domain/a.ts',
    ]);
  });

  it('does not take two ways to one file for a cycle', () => {
    const files = [
      parseSource('src/domain/a.ts', "import './b.js'; import './c.js';"),
      parseSource('src/domain/b.ts', "import './c.js';"),
      parseSource('src/domain/c.ts', ''),
    ];
    expect(importCycles(files)).toEqual([]);
  });
});

describe('the check of globals', () => {
  const uses = (text: string, name = 'src/domain/bad.ts') => strayGlobals([parseSource(name, text)]);

  it.each([
    ['const now = Date.now();', 'Date.now'],
    ['const now = new Date();', 'new Date()'],
    ['const text = Date();', 'Date()'],
    ['const now = performance.now();', 'performance'],
    ['setTimeout(() => {}, 1);', 'setTimeout'],
    ['const later = setInterval;', 'setInterval'],
    ['setImmediate(run);', 'setImmediate'],
    ['const luck = Math.random();', 'Math.random'],
    ["import { randomUUID as id } from 'node:crypto';", 'randomUUID'],
    ['globalThis.setTimeout(run);', 'globalThis.setTimeout'],
    ['const signal = AbortSignal.timeout(5);', 'AbortSignal.timeout'],
    ['const home = process.env.HOME;', 'process.env'],
    ["import { env } from 'node:process';", 'env'],
  ])('sees %s', (text, name) => {
    expect(uses(text)).toEqual([`src/domain/bad.ts:1: uses ${name}`]);
  });

  it('lets the core ask its ports and make dates of numbers', () => {
    const text =
      'const now = clock.now(); clock.setTimeout(run, 5); const date = new Date(now);' +
      'interface Clock { setTimeout(run: () => void): void }';
    expect(uses(text)).toEqual([]);
  });

  it('lets only main.ts read the environment', () => {
    expect(uses('process.env.HOME', 'src/main.ts')).toEqual([]);
    expect(uses('process.env.HOME', 'src/cli/bad.ts')).toEqual(['src/cli/bad.ts:1: uses process.env']);
    expect(uses('const { env } = process;', 'src/cli/bad.ts')).toEqual(['src/cli/bad.ts:1: uses process']);
    expect(uses('process.exitCode = 2;', 'src/cli/bad.ts')).toEqual([]);
  });
});
