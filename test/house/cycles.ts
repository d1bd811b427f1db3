import { referencesOf, type SourceFile } from './source-file.js';

/** Every cycle of imports between files, type-only ones included, each found once: `a -> b -> a`. */
export function importCycles(sources: readonly SourceFile[]): string[] {
  const imports = new Map(sources.map((source) => [source.name, importedBy(source)]));
  const done = new Set<string>();
  const cycles: string[] = [];

  const visit = (file: string, trail: readonly string[]) => {
    const at = trail.indexOf(file);
    if (at >= 0) cycles.push([...trail.slice(at), file].join(' -> '));
    if (at >= 0 || done.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const { name } of sources) visit(name, []);
  return cycles;
}

function importedBy(source: SourceFile): string[] {
  return referencesOf(source).flatMap(({ file, how }) => (file && how === 'import' ? [file] : []));
}
