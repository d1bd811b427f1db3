import { unknownVariables } from '../settings/unknown-variables.js';
import type { Invocation } from './invocation.js';
import { safeText } from './output/safe-text.js';

/** Says of each variable that looks like ours and is read by nothing that it is misspelt, most likely. */
export function warnOfVariables({ world, talk }: Pick<Invocation, 'world' | 'talk'>): void {
  for (const { name, meant } of unknownVariables(world.env)) {
    const help = meant ? `did you mean ${meant}?` : 'reeve settings --defaults names those that are';
    talk(`warning: the variable ${safeText(name)} is read by nothing; ${help}`);
  }
}
