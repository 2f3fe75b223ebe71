import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEmpty, readFilter, requestIdOf, writeFilter } from './log-filter.ts';

test('a filter is the same after it was an address', () => {
  const search = 'query=two+words%26more&source=app&dyno=web.1&level=error';
  assert.equal(writeFilter(readFilter(`?${search}`)), search);
});

test('an address without a query asks for everything', () => {
  assert.equal(isEmpty(readFilter('')), true);
  assert.equal(writeFilter(readFilter('?other=1')), '');
});

test('the lines of a request are asked for without a text of their own, as the API wants it', () => {
  assert.equal(writeFilter(readFilter('?query=a&request_id=b-1')), 'request_id=b-1');
});

test("a request's id is read from the router's line, and from no other text", () => {
  assert.equal(requestIdOf('at=info method=GET path="/" request_id=5f-a1 fwd="::1"'), '5f-a1');
  assert.equal(requestIdOf('my_request_id=7'), undefined);
});
