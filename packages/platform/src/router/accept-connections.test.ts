import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { get } from 'node:https';
import { test } from 'node:test';
import { ask, startDyno, startRouter } from './router.fixture.ts';

test('a router on two ports speaks http, https and HTTP/2 on both and tells dynos which one was used', async () => {
  await using dyno = await startDyno(({ headers }, response) =>
    response.end(`${headers['x-forwarded-proto']} ${headers['x-forwarded-port']}`),
  );
  await using router = await startRouter([dyno.dyno], { tlsFor: ['shop.test'] });
  const second = await router.router.listen({ host: '127.0.0.1', port: 0 });
  const ca = router.ca ?? [];
  for (const port of [router.port, second.port]) {
    assert.equal((await ask(port)).body, `http ${port}`);
    const secure = await new Promise<string>((resolve, reject) => {
      const options = { host: '127.0.0.1', port, servername: 'shop.test', headers: { host: 'shop.test' }, ca };
      get({ ...options, agent: false }, (response) => {
        response.setEncoding('utf8').on('data', resolve);
      }).on('error', reject);
    });
    assert.equal(secure, `https ${port}`);
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca, servername: 'shop.test' });
    const stream = session.request({ ':authority': 'shop.test' }).setEncoding('utf8');
    assert.deepEqual(await once(stream, 'data'), [`https ${port}`]);
    session.close();
    await once(session, 'close');
  }
});
