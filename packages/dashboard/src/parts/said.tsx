import { useWording } from '../language/language.tsx';

interface SaidProps {
  readonly text: string;
  readonly className?: string;
}

/** A text of the API: in the reader's language where its words are known, else in English and marked so. */
export const Said = ({ text, className }: SaidProps) => {
  const { said, language } = useWording();
  const words = said(text);
  // What is said in the page's language has its direction, with whatever word it begins.
  if (words !== text) return <span className={className}>{words}</span>;
  return (
    <bdi className={className} lang={language === 'en' ? undefined : 'en'}>
      {text}
    </bdi>
  );
};
