import { ApiError } from '../api/request.ts';
import { useWording } from '../language/language.tsx';
import { Button } from './button.tsx';

/** What went wrong, in the API's words; nothing when nothing did. */
export const Problem = ({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) => {
  const { t } = useWording();
  if (error === null || error === undefined) return null;
  const unreachable = error instanceof ApiError && error.status === 0;
  return (
    <div className="notice bad" role="alert">
      <p>{unreachable ? t('unreachable') : error instanceof Error ? error.message : t('somethingWrong')}</p>
      {onRetry !== undefined && (
        <Button small onClick={onRetry}>
          {t('tryAgain')}
        </Button>
      )}
    </div>
  );
};
