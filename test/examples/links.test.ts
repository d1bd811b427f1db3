import { expect, test } from 'vitest';
import { checkLinks, type Shelf, targetOf } from '../../examples/digest/documents/links.js';

test('a link leads elsewhere when it names a scheme, a site or a place outside the folder', () => {
  for (const href of [
    'https://a.b/c',
    'mailto:a@b',
    'javascript:alert(1)',
    '//host/x',
    '/from/root',
    '../../out.md',
    ' ',
  ]) {
    expect(targetOf(href, 'docs/page.md'), href).toEqual({ where: 'elsewhere' });
  }
});

test('a local link is relative to its document, decoded, without its query', () => {
  expect(targetOf('../a%20b.md?raw=1#Part-One', 'docs/page.md')).toEqual({
    where: 'local',
    path: 'a b.md',
    fragment: 'part-one',
  });
  expect(targetOf('#x', 'docs/page.md')).toEqual({ where: 'local', path: 'docs/page.md', fragment: 'x' });
  expect(targetOf('100%.md', 'page.md')).toEqual({ where: 'local', path: '100%.md', fragment: '' });
});

test('links to missing files and missing anchors are broken, others are not', async () => {
  const anchors: Record<string, string[] | undefined> = {
    'page.md': ['own'],
    'other.md': ['part'],
    'code.ts': undefined,
  };
  const shelf: Shelf = {
    exists: async (path) => path in anchors,
    anchors: async (path) => (anchors[path] ? new Set(anchors[path]) : undefined),
  };
  const hrefs = [
    '#own',
    '#lost',
    '#top',
    'other.md',
    'other.md#PART',
    'other.md#user-content-part',
    'other.md#lost',
    'lost.md',
    'code.ts#L3',
    'http://x',
  ];
  const broken = await checkLinks(
    'page.md',
    hrefs.map((href, i) => ({ href, line: i })),
    shelf,
  );
  expect(broken).toEqual([
    { href: '#lost', line: 1, reason: 'NO_SUCH_ANCHOR' },
    { href: 'other.md#lost', line: 6, reason: 'NO_SUCH_ANCHOR' },
    { href: 'lost.md', line: 7, reason: 'NO_SUCH_FILE' },
  ]);
});
