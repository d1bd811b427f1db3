import type { JsonValue } from '../json.js';
import { endOfText } from './template-scan.js';
import { readTemplates } from './templated-value.js';

/** A variable and the names that follow it in an expression: `results.scan.pages` is `['results', 'scan', 'pages']`. */
export type Reference = readonly string[];

const NAME = /[A-Za-z_]\w*/y;
const STEP = /\s*(?:\.\s*([A-Za-z_]\w*)(?!\s*\()|\[\s*(?:"([^"\\\n]*)"|'([^'\\\n]*)')\s*\])/y;

/** All expressions in the templates of a value, defaults too. Templates that cannot be read have none. */
export function namedIn(value: JsonValue): readonly string[] {
  return readTemplates(value).places.flatMap(({ expression: { expression, fallback } }) =>
    fallback === null ? [expression] : [expression, fallback],
  );
}

/**
 * What an expression refers to, as far as its text says so, without a look at its grammar: the engine knows more exactly,
 * but only it, and what waits for what must be the same always.
 */
export function referencesIn(expression: string, variables: readonly string[]): readonly Reference[] {
  const found = new Map<string, Reference>();
  let isField = false;
  for (let at = 0; at < expression.length; at++) {
    const char = expression[at] ?? '';
    if (char === '"' || char === "'") {
      const end = endOfText(expression, 0, at);
      if (end < 0) break;
      at = end;
    } else if (char === '/' && expression[at + 1] === '/') {
      const end = expression.indexOf('\n', at);
      if (end < 0) break;
      at = end;
      continue;
    } else {
      NAME.lastIndex = at;
      const [name] = NAME.exec(expression) ?? [];
      if (name !== undefined) {
        at += name.length - 1;
        if (!isField && variables.includes(name)) {
          const { path, end } = chainAt(expression, name, at + 1);
          found.set(JSON.stringify(path), path);
          at = end - 1;
        }
      }
    }
    if (!/\s/.test(char)) isField = char === '.';
  }
  return [...found.values()];
}

/** The names that follow; a method that is called is none. */
function chainAt(expression: string, variable: string, from: number) {
  const path = [variable];
  let end = from;
  for (;;) {
    STEP.lastIndex = end;
    const step = STEP.exec(expression);
    if (!step) return { path, end };
    const [whole, name, double, single] = step;
    // A name that goes on was cut short by the lookahead.
    if (name !== undefined && /\w/.test(expression[end + whole.length] ?? '')) return { path, end };
    path.push(name ?? double ?? single ?? '');
    end += whole.length;
  }
}
