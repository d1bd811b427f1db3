/** Remembers what was made last, for it is asked for once by each policy of a seed. */
export function lastOf<T>(make: (...args: readonly number[]) => T): (...args: readonly number[]) => T {
  let known: { readonly args: string; readonly made: T } | undefined;
  return (...args) => {
    const name = args.join('/');
    if (known?.args !== name) known = { args: name, made: make(...args) };
    return known.made;
  };
}
