import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { askAnew } from './anew.ts';

const queries = new QueryClient({ defaultOptions: { queries: { staleTime: 2000 } } });
afterEach(() => queries.clear());

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** What the page shows of a question whose answers are under way until they are let come. */
const show = (queryKey: readonly string[]) => {
  const underWay: ((answer: string) => void)[] = [];
  const queryFn = () => new Promise<string>((resolve) => underWay.push(resolve));
  const observer = new QueryObserver(queries, { queryKey, queryFn });
  const leave = observer.subscribe(() => {});
  return { underWay, leave, shown: () => observer.getCurrentResult().data };
};

test('a first answer that was under way when something changed is shown, and asked for once more', async () => {
  const { underWay, shown, leave } = show(['app', 'shop']);
  const done = askAnew(queries, { queryKey: ['app'] });
  underWay[0]?.('before');
  await turn();
  assert.equal(shown(), 'before');
  underWay[1]?.('after');
  await done;
  assert.equal(shown(), 'after');
  leave();
});

test('an answer that was to replace another is called off', async () => {
  const { underWay, shown, leave } = show(['app', 'shop']);
  underWay[0]?.('first');
  await turn();
  const both = Promise.all([askAnew(queries), askAnew(queries)]);
  underWay[2]?.('after');
  underWay[1]?.('before');
  await both;
  assert.equal(shown(), 'after');
  leave();
});

test('what nobody looks at any more is asked for when somebody comes back', async () => {
  const gone = show(['app', 'shop']);
  gone.leave();
  const done = askAnew(queries, { queryKey: ['app'] });
  gone.underWay[0]?.('before');
  await done;
  const back = show(['app', 'shop']);
  assert.equal(back.shown(), 'before');
  assert.equal(back.underWay.length, 1);
  back.leave();
});
