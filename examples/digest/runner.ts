import type { Client } from '@reeve/sdk';
import type {
  AnswerInput,
  AnswerOutput,
  CheckLinksOutput,
  ExtractOutput,
  MergePartInput,
  MergePartOutput,
  MergeReportInput,
  MergeReportOutput,
  SummarizeOutput,
} from './agents/inputs.js';
import type { DocumentDigest } from './documents/document.js';
import type { Progress } from './progress.js';
import { chooseQuestion, isTimeToAsk } from './question.js';
import { Room } from './room.js';
import type { Run, RunFolder } from './run-folder.js';
import { type Outcome, RunTasks } from './run-tasks.js';

/** Tasks that are submitted and have not ended, at most. */
const MOST_OUTSTANDING = 2000;
/** A document is one task, then up to two. */
const TASKS_PER_DOCUMENT = 2;
const SUBMIT_AT_ONCE = 100;
/** Well below the limit of a payload, 256 KiB. */
const PART_BYTES = 128 * 1024;

export interface RunnerOptions {
  readonly client: Client;
  /** The client of the person who asks. */
  readonly person: Client;
  readonly folder: RunFolder;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface RunResult {
  readonly question: string;
  readonly answer: string;
  readonly report: MergeReportOutput;
}

/** Takes a run from its list of files to its report. */
export async function digest(options: RunnerOptions): Promise<RunResult> {
  return new Runner(options, await options.folder.read()).digest();
}

class Runner {
  readonly #options: RunnerOptions;
  readonly #tasks: RunTasks;
  readonly #room = new Room(MOST_OUTSTANDING);
  #run: Run;
  #unwritten: DocumentDigest[] = [];
  #extracted = 0;
  #summarized = 0;
  #waiting = 0;
  #question: Promise<Outcome<AnswerOutput>> | undefined;

  constructor(options: RunnerOptions, run: Run) {
    this.#options = options;
    this.#run = run;
    this.#tasks = new RunTasks(options.client, options.folder, options.progress, options.signal);
  }

  async digest(): Promise<RunResult> {
    const documents = await this.#digestAll();
    const answered = await this.#ask();
    const answer = answered.ok ? answered.output.answer : `It was not answered: ${answered.failure.message}.`;
    const { question } = this.#run;
    const report = await this.#merge(documents, question, answer);
    this.#run = { ...this.#run, status: 'FINISHED' };
    await this.#options.folder.write(this.#run);
    return { question, answer, report };
  }

  async #digestAll(): Promise<DocumentDigest[]> {
    const { files } = this.#run;
    const digests: Promise<DocumentDigest>[] = [];
    for (let i = 0; i < files.length; i += SUBMIT_AT_ONCE) {
      const some = files.slice(i, i + SUBMIT_AT_ONCE);
      await this.#room.take(some.length * TASKS_PER_DOCUMENT);
      this.#options.signal.throwIfAborted();
      const outcomes = await this.#tasks.doMany<ExtractOutput>(
        some.map((file) => this.#tasks.about('document.extract', file, {})),
      );
      outcomes.forEach((outcome, at) => {
        const digest = this.#followUp(some[at] ?? '', outcome);
        // Whoever waits for all learns of a failure; until then it is nobody's.
        digest.catch(() => {});
        digests.push(digest);
      });
    }
    return Promise.all(digests);
  }

  async #followUp(path: string, extraction: Promise<Outcome<ExtractOutput>>): Promise<DocumentDigest> {
    try {
      const extracted = await extraction;
      this.#extracted++;
      if (!extracted.ok) return { ...nothingOf(path), failure: extracted.failure };
      const { title, words, sentences, links } = extracted.output;
      const [summary, check] = await Promise.all([
        this.#summarize({ ...nothingOf(path), title, words, sentences }),
        links.length > 0
          ? this.#tasks.do<CheckLinksOutput>(
              this.#tasks.about('document.check-links', path, { links }, { tier: 'LOW' }),
            )
          : undefined,
      ]);
      if (check && !check.ok) return { ...summary, failure: check.failure };
      const { checked = 0, brokenLinks = 0, broken = [] } = check?.output ?? {};
      return { ...summary, linksChecked: checked, brokenLinks, broken };
    } finally {
      this.#room.give(TASKS_PER_DOCUMENT);
    }
  }

  async #summarize(document: DocumentDigest): Promise<DocumentDigest> {
    this.#waiting++;
    const outcome = await this.#tasks.do<SummarizeOutput>(
      this.#tasks.about('document.summarize', document.path, {}),
    );
    this.#waiting--;
    if (!outcome.ok) return { ...document, failure: outcome.failure };
    const digest = { ...document, ...outcome.output };
    this.#summarized++;
    this.#unwritten.push(digest);
    if (isTimeToAsk(this.#run.files.length, this.#extracted, this.#summarized, this.#waiting)) {
      this.#ask().catch(() => {});
    }
    return digest;
  }

  /** A person's question, once in a run. It is kept before it is asked: a resumed run asks the same. */
  #ask(): Promise<Outcome<AnswerOutput>> {
    this.#question ??= this.#askNow();
    return this.#question;
  }

  async #askNow(): Promise<Outcome<AnswerOutput>> {
    const { folder, person, progress } = this.#options;
    await folder.addDigests(this.#unwritten.splice(0));
    if (this.#run.question === '') {
      // Of what whoever answers can read, and nothing that came meanwhile.
      this.#run = { ...this.#run, question: chooseQuestion(await folder.readDigests()) };
      await folder.write(this.#run);
    }
    const { question } = this.#run;
    progress.note(`A person asks: ${question}`);
    const input: AnswerInput = { question };
    const request = this.#tasks.request('digest.answer', 'question', input, {
      source: 'HUMAN',
      goal: 'Answer from what has been digested so far.',
    });
    const outcome = await this.#tasks.do<AnswerOutput>(request, person);
    progress.note(
      outcome.ok ? `Answered: ${outcome.output.answer}` : `Not answered: ${outcome.failure.message}`,
    );
    return outcome;
  }

  async #merge(
    documents: readonly DocumentDigest[],
    question: string,
    answer: string,
  ): Promise<MergeReportOutput> {
    const parts = partsOf(documents);
    const requests = parts.map((part, i) => {
      const input: MergePartInput = { part: i, documents: part };
      return this.#tasks.request('digest.merge-part', String(i), input, { tier: 'HIGH' });
    });
    const written = await Promise.all(await this.#tasks.doMany<MergePartOutput>(requests));
    const input: MergeReportInput = { parts: parts.length, question, answer };
    for (const outcome of written) if (!outcome.ok) throw failed('a part of the report', outcome.failure);
    const report = await this.#tasks.do<MergeReportOutput>(
      this.#tasks.request('digest.merge-report', 'report', input, { tier: 'HIGH' }),
    );
    if (!report.ok) throw failed('the report', report.failure);
    // Those who ask after the run are answered from all of it.
    await this.#options.folder.addDigests(this.#unwritten.splice(0));
    return report.output;
  }
}

/** In the order of their paths, so that a resumed run cuts them in the same places. */
function partsOf(documents: readonly DocumentDigest[]): DocumentDigest[][] {
  const parts: DocumentDigest[][] = [];
  let room = 0;
  for (const document of documents) {
    const bytes = Buffer.byteLength(JSON.stringify(document)) + 1;
    if (bytes > room) {
      parts.push([]);
      room = PART_BYTES;
    }
    parts.at(-1)?.push(document);
    room -= bytes;
  }
  return parts;
}

function nothingOf(path: string): DocumentDigest {
  return {
    path,
    title: path.slice(path.lastIndexOf('/') + 1),
    words: 0,
    sentences: 0,
    summary: [],
    keywords: [],
    linksChecked: 0,
    brokenLinks: 0,
    broken: [],
  };
}

function failed(what: string, { kind, message }: { kind: string; message: string }): Error {
  return new Error(`${what} could not be made (${kind}): ${message}`);
}
