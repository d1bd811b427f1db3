import type { DescEnum } from '@bufbuild/protobuf';

/**
 * What is said where a value of an enum is none of those that are taken.
 *
 * @param taken in the core's terms, for example `NORMAL`; named as in the protos, `TIER_NORMAL`
 */
export function mustBeOneOf(desc: DescEnum, taken: readonly string[]): string {
  const names = desc.values.filter(({ localName }) => taken.includes(localName)).map(({ name }) => name);
  return `must be one of ${names.join(', ')}`;
}

/** The name of a value; `null`: none was said, or it is one of a newer client. */
export function nameOf<Name extends string>(
  names: Readonly<Record<number, string>>,
  value: number,
): Name | null {
  const name = names[value];
  return name === undefined || name === 'UNSPECIFIED' ? null : (name as Name);
}
