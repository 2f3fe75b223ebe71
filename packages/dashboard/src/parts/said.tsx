import { useWording } from '../language/language.tsx';

interface SaidProps {
  readonly text: string;
  readonly className?: string;
}

/** A text of the API: in the reader's language where its words are known, else in English and marked so. */
export const Said = ({ text, className }: SaidProps) => {
  const { said, language } = useWording();
  const words = said(text);
  return (
    <bdi className={className} lang={words === text && language !== 'en' ? 'en' : undefined}>
      {words}
    </bdi>
  );
};
