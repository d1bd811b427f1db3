import { expect, test } from 'vitest';
import { extractSource } from '../../examples/digest/documents/extract-source.js';

test('a declaration file yields its declarations and the prose of its comments', () => {
  const { headings, blocks } = extractSource(
    `/**
 * Opens a thing.
 * It is {@link Thing | described} elsewhere.
 *
 * @param name - the name of it
 * @returns {boolean} whether it opened
 * @example
 * open('a');
 */
export declare function open(name: string): boolean;

// A plain remark
// on two lines.
export interface Thing<T> {
  /** Its size. */
  size: number;
  comment: '/** no comment */';
}
declare const hidden: string;
`,
    'thing.d.ts',
  );
  expect(headings).toEqual(['open', 'Thing', 'hidden']);
  expect(blocks.map((block) => block.replace(/\s+/g, ' '))).toEqual([
    'Opens a thing. It is Thing elsewhere.',
    'the name of it',
    'whether it opened',
    'A plain remark on two lines.',
    'Its size.',
  ]);
});

test('a proto file yields its messages, services and comments', () => {
  const { headings, blocks } = extractSource(
    '// A box.\nmessage Box {\n}\nservice Boxes {\n  rpc GetBox(A) returns (B);\n}\n',
    'b.proto',
  );
  expect(headings).toEqual(['Box', 'Boxes', 'GetBox']);
  expect(blocks).toEqual(['A box.']);
});

test('the terms that a file is under are no prose of it', () => {
  const { blocks } = extractSource(
    '/*\n * Copyright Somebody. All rights reserved.\n */\n\n/** A thing. */\nexport type T = 1;\n',
    't.d.ts',
  );
  expect(blocks).toEqual(['A thing.']);
});
