import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type IncomingHttpHeaders, type IncomingHttpStatusHeader } from 'node:http2';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { connectStatic, staticFiles } from '../index.ts';
import { css, makeFolder, styled } from '../testing.fixture.ts';

type Asked = (headers: Readonly<Record<string, string>>) => Promise<{
  readonly headers: IncomingHttpHeaders & IncomingHttpStatusHeader;
  readonly text: string;
}>;

const serve = async (context: TestContext, memoryBytes?: number): Promise<Asked> => {
  const kept = memoryBytes === undefined ? {} : { memoryBytes };
  const middleware = connectStatic(staticFiles({ root: makeFolder(context, styled), ...kept }));
  const server = createServer((request, response) =>
    // The classes of node:http2 are made to be used as those of node:http.
    Reflect.apply(middleware, undefined, [request, response, () => response.end(`application: ${request.url}`)]),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const session = connect(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
  context.after(() => {
    session.close();
    server.close();
  });
  return async (headers) => {
    const stream = session.request(headers);
    const [got] = (await once(stream, 'response')) as [IncomingHttpHeaders & IncomingHttpStatusHeader]; // as node:http2 documents
    return { headers: got, text: (await buffer(stream)).toString() };
  };
};

for (const [where, memoryBytes] of [
  ['memory', undefined],
  ['disk', 0],
] as const) {
  test(`over HTTP/2 the middleware answers from ${where}: whole files, codings, parts and conditions`, async (context) => {
    const ask = await serve(context, memoryBytes);
    const whole = await ask({ ':path': '/app.css?v=1' });
    assert.equal(whole.headers[':status'], 200);
    assert.equal(whole.text, css);
    assert.equal((await ask({ ':path': '/app.css', 'accept-encoding': 'gzip' })).headers['content-encoding'], 'gzip');
    assert.equal((await ask({ ':path': '/app.css', range: 'bytes=5-14' })).text, css.slice(5, 15));
    const again = await ask({ ':path': '/app.css', 'if-none-match': whole.headers.etag ?? '' });
    assert.equal(again.headers[':status'], 304);
    assert.equal((await ask({ ':path': '/app.css', ':method': 'HEAD' })).text, '');
    assert.equal((await ask({ ':path': '/books' })).text, 'application: /books');
  });
}
