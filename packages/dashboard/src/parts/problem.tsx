import { ApiError } from '../api/request.ts';
import { useWording } from '../language/language.tsx';
import { Button } from './button.tsx';
import { Said } from './said.tsx';

/** An error whose own words are not known in the reader's language is told by its kind, and then in the words that it has. */
const Words = ({ error }: { readonly error: unknown }) => {
  const wording = useWording();
  const { t } = wording;
  if (!(error instanceof Error)) return t('somethingWrong');
  if (!(error instanceof ApiError)) return <Said text={error.message} />;
  if (error.status === 0) return t('unreachable');
  const kind = wording.said(error.message) === error.message ? wording.error(error.id) : undefined;
  return (
    <>
      {kind} <Said text={error.message} />
    </>
  );
};

/** What went wrong, in the API's words; nothing when nothing did. */
export const Problem = ({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) => {
  const { t } = useWording();
  if (error === null || error === undefined) return null;
  return (
    <div className="notice bad" role="alert">
      <p>
        <Words error={error} />
      </p>
      {onRetry !== undefined && (
        <Button small onClick={onRetry}>
          {t('tryAgain')}
        </Button>
      )}
    </div>
  );
};
