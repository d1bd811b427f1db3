/** Inputs and outputs of the kinds of tasks that the sample agents do. */
export interface ExtractInput {
  readonly path: string;
}
export interface ExtractOutput {
  readonly path: string;
  readonly words: number;
  readonly sentences: number;
  /** Those that can be checked. */
  readonly links: number;
}
export interface SummarizeInput {
  readonly path: string;
}
export interface SummarizeOutput {
  readonly summary: number;
  readonly keywords: number;
}
export interface CheckLinksInput {
  readonly path: string;
}
export interface CheckLinksOutput {
  readonly linksChecked: number;
  readonly brokenLinks: number;
}
export interface AnswerInput {
  readonly question: string;
}
export interface AnswerOutput {
  readonly answer: string;
  readonly documents: readonly { readonly path: string; readonly title: string }[];
  /** How many documents were known when it was asked. */
  readonly digested: number;
}
export interface MergePartInput {
  readonly part: number;
}
export interface MergePartOutput {
  readonly documents: number;
}
export interface MergeReportInput {
  readonly parts: number;
}
export interface MergeReportOutput {
  readonly documents: number;
  readonly failed: number;
  readonly words: number;
  readonly linksChecked: number;
  readonly brokenLinks: number;
}

type Check = (value: Record<string, unknown>) => string | undefined;

/** A Standard Schema, by hand: any library's (zod, valibot …) would do as well. */
function schema<T>(check: Check) {
  return {
    '~standard': {
      version: 1 as const,
      vendor: 'digest',
      validate(value: unknown): { value: T } | { issues: { message: string }[] } {
        const isObject = typeof value === 'object' && value !== null;
        const fault = isObject ? check(value as Record<string, unknown>) : 'must be an object';
        return fault === undefined ? { value: value as T } : { issues: [{ message: fault }] };
      },
    },
  };
}

const relativePath: Check = ({ path }) =>
  typeof path === 'string' && path !== '' && !path.startsWith('/') && !path.split('/').includes('..')
    ? undefined
    : 'path must be relative to the digested folder and stay within it';

export const extractInput = schema<ExtractInput>(relativePath);
export const summarizeInput = schema<SummarizeInput>(relativePath);
export const checkLinksInput = schema<CheckLinksInput>(relativePath);
export const answerInput = schema<AnswerInput>(({ question }) =>
  typeof question === 'string' && question.trim() !== '' ? undefined : 'question must be a text',
);
export const mergePartInput = schema<MergePartInput>(({ part }) =>
  Number.isSafeInteger(part) ? undefined : 'part must be a number',
);
export const mergeReportInput = schema<MergeReportInput>(({ parts }) =>
  Number.isSafeInteger(parts) ? undefined : 'parts must be a number',
);
