import { agent } from '@reeve/sdk';

interface Found {
  readonly file: string;
  readonly text: string;
  readonly score: number;
}

interface Question {
  readonly question: string;
  readonly passages: readonly Found[];
}

// Where a model would write an answer from the passages, this one hands on the best of them.
const worker = agent({ slots: 4 });
worker.handle('question.answer', ({ question, passages }: Question, ctx) => ({
  question,
  answer: passages[0]?.text ?? null,
  sources: passages.map(({ file, score }) => ({ file, score })),
  prompt: ctx.task.brief?.message ?? '',
}));
await worker.run();
