import { Counter, type Registry } from 'prom-client';
import type { ContextAnswers, ContextProvider } from '../ports/context-provider.js';

/** Told of what came of queries that were asked together. */
export type CountLookups = (answers: ContextAnswers, queries: number) => void;

/** What the context providers of all organisations answer. */
export function createLookupMetrics(registry: Registry): CountLookups {
  const lookups = new Counter({
    name: 'reeve_lookups_total',
    help: 'Queries of workflows to context providers; outcome: ok, or why tasks could not be made',
    labelNames: ['outcome'],
    registers: [registry],
  });
  return (answers, queries) => lookups.inc({ outcome: answers.ok ? 'ok' : answers.failure }, queries);
}

/** The same provider; what it answers is told. */
export function countedLookups(provider: ContextProvider, count: CountLookups): ContextProvider {
  return {
    ...provider,
    async query(place, asker, queries) {
      const answers = await provider.query(place, asker, queries);
      count(answers, queries.length);
      return answers;
    },
  };
}
