import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { honoStatic } from '../index.ts';
import { listen } from '../testing.fixture.ts';
import { adapterCases } from './adapter-cases.fixture.ts';

adapterCases('Hono', (files, context) => {
  const app = new Hono();
  app.use(honoStatic(files));
  app.all('*', ({ req, text }) => text(`application: ${req.method} ${req.path}`));
  return listen(createServer(getRequestListener(app.fetch)), context);
});
