import { useChange } from '../../../api/change.ts';
import type { Build } from '../../../api/shapes.ts';
import { useWording } from '../../../language/language.tsx';
import { Button } from '../../../parts/button.tsx';
import { Problem } from '../../../parts/problem.tsx';

/** Ends a build that runs; nothing of it is released. */
export const CancelBuild = ({ app, build }: { readonly app: string; readonly build: Build }) => {
  const { t } = useWording();
  const cancel = useChange<Build>(app);
  if (build.status !== 'pending') return null;
  return (
    <>
      <Button
        small
        kind="danger"
        busy={cancel.isPending}
        onClick={() => cancel.mutate({ method: 'DELETE', path: `/apps/${app}/builds/${build.id}` })}
      >
        {t('cancelBuild')}
      </Button>
      <Problem error={cancel.error} />
    </>
  );
};
