/**
 * A signal that aborts with the first of several. Unlike AbortSignal.any it lets go of them
 * when told to: on Node 20 a source that lives as long as the server keeps every signal that
 * was ever derived from it.
 */
export function linkSignals(sources: readonly AbortSignal[]): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  for (const source of sources) {
    if (source.aborted) abort();
    else source.addEventListener('abort', abort, { once: true });
  }
  return {
    signal: controller.signal,
    release: () => {
      for (const source of sources) source.removeEventListener('abort', abort);
    },
  };
}
