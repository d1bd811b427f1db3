import type { DescMessage, Message, MessageShape } from '@bufbuild/protobuf';
import type { FieldViolation } from '../../domain/errors.js';
import { createCompiler } from './compile.js';
import { Violations } from './violations.js';

/** Checks messages against the constraints that stand in the protos. */
export interface Checker {
  /**
   * The rules that a message breaks, at most 20; empty if it is sound.
   *
   * @param path where the message is within the request; empty for the request itself
   * @param separately local names of fields whose entries are not looked into: only the
   *   rules on the collection itself are checked, the caller checks each entry
   */
  check<Desc extends DescMessage>(
    schema: Desc,
    message: MessageShape<Desc>,
    path?: string,
    separately?: readonly string[],
  ): readonly FieldViolation[];
}

const NONE: readonly never[] = [];

/** Rules are compiled when a kind of message is first seen, once. */
export function createChecker(): Checker {
  const compiler = createCompiler();
  let probe = new Violations();
  return {
    check(schema, message: Message, path = '', separately = NONE) {
      const visit = compiler.message(schema, separately);
      visit?.(message, null, probe);
      if (probe.list.length === 0) return NONE;
      probe = new Violations();
      const out = new Violations();
      visit?.(message, path, out);
      return out.list;
    },
  };
}
