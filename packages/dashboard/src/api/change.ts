import { useMutation, useQueryClient } from '@tanstack/react-query';
import { askAnew } from './anew.ts';
import { ask, type Method } from './request.ts';

interface Change {
  readonly method: Method;
  readonly path: string;
  readonly body?: unknown;
}

/**
 * A change asked of the API; everything that is shown of its subject is asked for anew when it is made.
 * @param subject the app's name, `account`, or nothing when only the list of apps is concerned
 */
export const useChange = <Answer>(subject: string | undefined, onDone: (answer: Answer) => void = () => {}) => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ method, path, body }: Change) => ask<Answer>(method, path, body),
    onSuccess: (answer) => {
      onDone(answer);
      void askAnew(queries, { queryKey: ['apps'] });
      if (subject === 'account') void askAnew(queries, { queryKey: ['account'] });
      else if (subject !== undefined) void askAnew(queries, { queryKey: ['app', subject] });
    },
  });
};
