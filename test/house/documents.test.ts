import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { brokenLinks, type Surroundings } from './document-links.js';
import { ROOT, readRepositoryFile, repositoryFiles } from './repository.js';

// The fixtures are a corpus with links that are broken on purpose.
const documents = repositoryFiles('*.md').filter((file) => !file.startsWith('test/fixtures/'));
const onDisk: Surroundings = {
  exists: (file) => existsSync(path.join(ROOT, file)),
  read: readRepositoryFile,
};

describe('the documents', () => {
  it('have no relative link or anchor that leads nowhere', () => {
    expect(documents.flatMap((file) => brokenLinks(file, onDisk))).toEqual([]);
  });

  it('name only npm scripts and script files that there are', () => {
    const { scripts } = JSON.parse(readRepositoryFile('package.json')) as { scripts: Record<string, string> };
    const missing = documents.flatMap((file) => {
      const text = readRepositoryFile(file);
      const names = [...text.matchAll(/\bnpm run ([a-z][\w:-]*)/g)].flatMap(([, name]) => name ?? []);
      const files = [...text.matchAll(/\b(scripts\/[\w./-]+\w)/g)].flatMap(([, name]) => name ?? []);
      return [
        ...names.filter((name) => !(name in scripts)).map((name) => `${file}: npm run ${name}`),
        ...files.filter((name) => !onDisk.exists(name)).map((name) => `${file}: ${name}`),
      ];
    });
    expect(missing).toEqual([]);
  });
});

describe('the check of links', () => {
  const world = (documents: Record<string, string>): Surroundings => ({
    exists: (file) => file in documents,
    read: (file) => documents[file] ?? '',
  });

  it.each([
    ['a missing file', '[x](missing.md)', 'missing.md'],
    ['a missing picture', '![x](images/missing.png)', 'images/missing.png'],
    ['a missing anchor', '[x](b.md#nowhere)', 'b.md#nowhere'],
    ['a missing anchor of its own', '# Here\n\n[x](#there)', '#there'],
    ['a missing target of a reference', '[x][y]\n\n[y]: missing.md', 'missing.md'],
    ['a missing target in HTML', '<a href="missing.md">x</a>', 'missing.md'],
  ])('sees %s', (_, text, link) => {
    const documents = { 'docs/a.md': text, 'docs/b.md': '# Title' };
    expect(brokenLinks('docs/a.md', world(documents))).toEqual([`docs/a.md: ${link}`]);
  });

  it('follows what is there, and leaves the rest of the world alone', () => {
    const text = [
      '[file](../b.md) [anchor](../b.md#the-road-of-a-task) [second](../b.md#again-1) [own](#own)',
      '[web](https://example.com/missing) [mail](mailto:a@example.com) `[code](missing.md)`',
      '# Own',
    ].join('\n\n');
    const documents = { 'docs/a.md': text, 'b.md': '# The *road* of a `task`\n\n# Again\n\n# Again' };
    expect(brokenLinks('docs/a.md', world(documents))).toEqual([]);
  });
});
