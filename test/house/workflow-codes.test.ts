import { expect, it } from 'vitest';
import { readRepositoryFile, repositoryFiles } from './repository.js';

/** Reasons of events, or of calls. */
const OTHERS = ['REPEATED_IDENTIFIER'];

it('each code that a reason of a workflow or a node begins with stands in the guide, and no other does', () => {
  const files = repositoryFiles('src/domain/workflows/*', 'src/usecases/workflows/*');
  const text = files.map((file) => readRepositoryFile(file)).join('\n');
  const written = [...text.matchAll(/[`'"]([A-Z][A-Z_]+): /g)].map(([, code]) => code ?? '');
  const [, table = ''] =
    /\| code \| state \|[^\n]*\n(.*?)\n\n/s.exec(readRepositoryFile('docs/workflows.md')) ?? [];
  const told = [...table.matchAll(/^\| ([A-Z_]+) \|/gm)].map(([, code]) => code ?? '');
  const codes = new Set(written.filter((code) => !OTHERS.includes(code)));
  // Those that are put together: of an item, what its failure is; of an expansion, what it could not do.
  for (const code of ['RESULT_INVALID', 'EXPANSION_FAILED']) codes.add(code);
  expect(told.toSorted()).toEqual([...codes].toSorted());
});
