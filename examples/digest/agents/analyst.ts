import { answer } from '../documents/answer.js';
import { clip, nothingOf } from '../documents/document.js';
import { contentWordsOf, keywordsOf } from '../documents/keywords.js';
import { summarize } from '../documents/summarize.js';
import {
  type AnswerInput,
  type AnswerOutput,
  answerInput,
  type SummarizeInput,
  type SummarizeOutput,
  summarizeInput,
} from './inputs.js';
import { sampleAgent, serve } from './sample-agent.js';

/** A summary looks at this many sentences at most: its time grows with their square. */
const MOST_SENTENCES = 300;

// The analyst: says what a document is about, and answers questions about all of them.
const { agent, run } = sampleAgent();

agent.handle<SummarizeInput, SummarizeOutput>(
  'document.summarize',
  { input: summarizeInput },
  async ({ path: document }) => {
    const { title, words: count, sentences: texts, headings } = await run.readText(document);
    const sentences = texts.slice(0, MOST_SENTENCES).map((text) => ({ text, words: contentWordsOf(text) }));
    const words = sentences.map((sentence) => sentence.words);
    const summary = summarize(sentences, 3).map((sentence) => clip(sentence, 400));
    const keywords = keywordsOf(words, headings.slice(0, MOST_SENTENCES), 8);
    await run.keep('digests', {
      ...nothingOf(document),
      title,
      words: count,
      sentences: texts.length,
      summary,
      keywords,
    });
    return { summary: summary.length, keywords: keywords.length };
  },
);

agent.handle<AnswerInput, AnswerOutput>('digest.answer', { input: answerInput }, async ({ question }) =>
  answer(question, await run.readDigests()),
);

await serve(agent);
