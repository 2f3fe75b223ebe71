import { useWording } from '../../language/language.tsx';
import { Status } from '../../parts/status.tsx';
import type { Judgement } from './judge.ts';

const words = { good: 'allGood', warn: 'worthALook', bad: 'needsYou' } as const;

/** How something is, in a word. */
export const Mark = ({ judgement: { tone } }: { readonly judgement: Judgement }) => {
  const { t } = useWording();
  return <Status tone={tone}>{t(words[tone])}</Status>;
};
