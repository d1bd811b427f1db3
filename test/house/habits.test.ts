import { describe, expect, it } from 'vitest';
import { evadedTests, looseTypes } from './habits.js';
import { readRepositoryFile, repositoryFiles } from './repository.js';
import { parseSource } from './source-file.js';

const GENERATED = /\/gen\//;
const parse = (file: string) => parseSource(file, readRepositoryFile(file));
const all = repositoryFiles('*.ts').filter((file) => !GENERATED.test(file));

describe('the code', () => {
  it('has no file of more than 300 lines', () => {
    const code = repositoryFiles(
      ...['src/*', 'sdk/typescript/src/*', 'examples/*', 'bench/*', 'scripts/*'],
    ).filter((file) => /\.(ts|mjs|sql|lua)$/.test(file) && !GENERATED.test(file));
    const long = code.map((file) => [file, readRepositoryFile(file).split('\n').length - 1] as const);
    expect(long.filter(([, lines]) => lines > 300)).toEqual([]);
  });

  it('has no way around the type checker', () => {
    expect(all.flatMap((file) => looseTypes(parse(file)))).toEqual([]);
  });

  it('is named in kebab-case', () => {
    const odd = all.filter((file) => !/(^|\/)[a-z0-9]+([-.][a-z0-9]+)*\.ts$/.test(file));
    expect(odd).toEqual([]);
  });

  it('has no test that is skipped or keeps others from running', () => {
    expect(
      all.filter((file) => file.endsWith('.test.ts')).flatMap((file) => evadedTests(parse(file))),
    ).toEqual([]);
  });
});

describe('the check of habits', () => {
  it.each([
    ['const x = y as any;', 'any'],
    ['function f(list: any[]) {}', 'any'],
    ['const x = y!.z;', 'a non-null assertion'],
    ['enum Colour { Red }', 'an enum'],
    ['namespace Grab { export const bag = 1; }', 'a namespace'],
  ])('sees %s', (text, what) => {
    expect(looseTypes(parseSource('src/bad.ts', text))).toEqual([`src/bad.ts:1: ${what}`]);
  });

  it.each([
    ["it.skip('x', () => {});", 'it.skip'],
    ["describe.only('x', () => {});", 'describe.only'],
    ["test.todo('x');", 'test.todo'],
    ["it.runIf(false)('x', () => {});", 'it.runIf'],
    ["it('x', (ctx) => ctx.skip());", 'ctx.skip'],
    ["xit('x', () => {});", 'xit'],
  ])('sees %s', (text, what) => {
    expect(evadedTests(parseSource('test/bad.test.ts', text))).toEqual([`test/bad.test.ts:1: ${what}`]);
  });

  it('does not mind the words elsewhere', () => {
    const text = "it('skips nothing', () => { list.skip(3); query.only = true; const any = 'any'; });";
    const source = parseSource('test/good.test.ts', text);
    expect([...looseTypes(source), ...evadedTests(source)]).toEqual([]);
  });
});
