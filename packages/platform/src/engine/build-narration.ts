import type { BuildLog, BuildVertex } from './buildkit-status.ts';

interface Step {
  /** `Step 2/5 : RUN npm ci`; undefined for what BuildKit does by itself. */
  readonly title: string | undefined;
  said: boolean;
  /** Of its output, what came after the last line end. */
  rest: string;
  readonly decoder: TextDecoder;
}

const titleOf = (name: string): string | undefined => {
  const [, stage, number, instruction] = /^\[(?:(\S+) +)?(\d+\/\d+)\] (.*)$/s.exec(name) ?? [];
  if (number === undefined || instruction === undefined) return undefined;
  const short = instruction.replace(/^FROM docker\.io\/(library\/)?/, 'FROM ').replace(/@sha256:[0-9a-f]{64}$/, '');
  return `Step ${number}${stage === undefined ? '' : ` (${stage})`} : ${short}`;
};

/** Tells a BuildKit build step by step, in lines; steps that run side by side are named again where the output changes over. */
export class BuildNarration {
  readonly #say: (text: string) => void;
  readonly #steps = new Map<string, Step>();
  #current: Step | undefined;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  vertex({ digest, name, cached, started, completed }: BuildVertex): void {
    let step = this.#steps.get(digest);
    if (step === undefined) {
      step = { title: titleOf(name), said: false, rest: '', decoder: new TextDecoder() };
      this.#steps.set(digest, step);
    }
    if (step.said || !(started || cached)) {
      if (completed) this.#end(step);
      return;
    }
    // Whether it comes from the cache is known only at its end.
    if (cached) {
      this.#begin(step);
      if (step.title !== undefined) this.#say(' ---> Using cache\n');
    } else if (!completed || step.title?.includes(' : FROM ') === true) {
      this.#begin(step);
    }
    if (completed) this.#end(step);
  }

  log({ vertex, bytes }: BuildLog): void {
    const step = this.#steps.get(vertex);
    if (step?.title === undefined) return;
    const text = step.rest + step.decoder.decode(bytes, { stream: true });
    const cut = text.lastIndexOf('\n') + 1;
    step.rest = text.slice(cut);
    if (cut === 0) return;
    if (this.#current !== step) this.#begin(step);
    this.#say(text.slice(0, cut));
  }

  /** What was written without a last line end. */
  end(): void {
    for (const step of this.#steps.values()) this.#end(step);
  }

  #begin(step: Step): void {
    if (step.title !== undefined) this.#say(`${step.title}\n`);
    step.said = true;
    this.#current = step;
  }

  #end(step: Step): void {
    const { rest } = step;
    if (rest === '') return;
    step.rest = '';
    if (this.#current !== step) this.#begin(step);
    this.#say(`${rest}\n`);
  }
}
