import type { ReactNode } from 'react';

export type Tone = 'good' | 'warn' | 'bad' | 'calm';

/** A state in a word or two; the word says it, the colour only helps. */
export const Status = ({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) => (
  <span className={`status ${tone}`}>{children}</span>
);
