import { describe, expect, test } from 'vitest';
import { extractMarkdown } from '../../examples/digest/documents/extract-markdown.js';

const extract = (source: string) => extractMarkdown(source, 'file.md');

describe('Markdown', () => {
  test('is called by its first heading of the first level, else by its first heading, else by its file', () => {
    expect(extract('## Before\n\n# The title\n').title).toBe('The title');
    expect(extract('## Only this\n').title).toBe('Only this');
    expect(extract('No heading.\n').title).toBe('file.md');
    expect(extract('<h1 align="center">In &amp; <i>out</i></h1>\n').title).toBe('In & out');
  });

  test('gives the anchors that GitHub gives, repeated headings and raw HTML included', () => {
    const { anchors } = extract(
      '# A `b` c!\n\n## Same\n\n## Same\n\n<a name="Here"></a>\n\n<p id=\'there\'>x</p>\n',
    );
    expect(anchors).toEqual(['a-b-c', 'same', 'same-1', 'here', 'there']);
  });

  test('has the prose of paragraphs, lists, quotes and tables, without code, tags and front matter', () => {
    const { blocks } = extract(
      [
        '---\nlayout: page\n---\nOne **two** `three` [four](x) ![five](y).',
        '```\ncode\n```',
        '- item &lt;six&gt;',
        '> quoted',
        '| a | b |\n| - | - |\n| c | d |',
        '<div><!-- hidden -->shown</div>',
      ].join('\n\n'),
    );
    expect(blocks).toEqual(['One two three four .', 'item <six>', 'quoted', 'a', 'b', 'c', 'd', 'shown']);
  });

  test('knows the line of every link', () => {
    const source =
      '---\na: b\n---\n# T\n\nx [a](one.md)\n[b](two.md) and\n![c](three.png)\n\n<img src=four.png>\n';
    expect(extract(source).links).toEqual([
      { href: 'one.md', line: 6 },
      { href: 'two.md', line: 7 },
      { href: 'three.png', line: 8 },
      { href: 'four.png', line: 10 },
    ]);
  });

  test('finds links by reference and none in code', () => {
    const { links } = extract(
      'See [this][r] and `[no](code.md)`.\n\n```\n[no](fence.md)\n```\n\n[r]: target.md#part\n',
    );
    expect(links.map(({ href }) => href)).toEqual(['target.md#part']);
  });
});
