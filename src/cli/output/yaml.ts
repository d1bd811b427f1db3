import { Document, visit } from 'yaml';
import { plain } from './plain.js';
import { isUnsafe, safeQuoted } from './safe-text.js';

/** A YAML document in which no character can harm a terminal. */
export function yaml(value: unknown): string {
  const document = new Document(plain(value), { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'string' && isUnsafe(node.value.replaceAll('\n', ''))) {
        node.type = 'QUOTE_DOUBLE';
      }
    },
  });
  return safeQuoted(document.toString({ lineWidth: 0 }));
}
