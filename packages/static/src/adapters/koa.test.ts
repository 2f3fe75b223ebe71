import { once } from 'node:events';
import { createServer } from 'node:http';
import Koa from 'koa';
import { koaStatic } from '../index.ts';
import { adapterCases } from './adapter-cases.fixture.ts';

adapterCases('Koa', async (files, context) => {
  const app = new Koa();
  app.use(koaStatic(files));
  app.use((at) => {
    at.body = `application: ${at.method} ${at.url}`;
  });
  const server = createServer(app.callback()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
});
