import { createServer } from 'node:http';
import Koa from 'koa';
import { koaStatic } from '../index.ts';
import { listen } from '../testing.fixture.ts';
import { adapterCases } from './adapter-cases.fixture.ts';

adapterCases('Koa', (files, context) => {
  const app = new Koa();
  app.use(koaStatic(files));
  app.use((at) => {
    at.body = `application: ${at.method} ${at.url}`;
  });
  return listen(createServer(app.callback()), context);
});
