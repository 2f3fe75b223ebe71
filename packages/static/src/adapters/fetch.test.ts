import { once } from 'node:events';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { honoStatic } from '../index.ts';
import { adapterCases } from './adapter-cases.fixture.ts';

adapterCases('Hono', async (files, context) => {
  const app = new Hono();
  app.use(honoStatic(files));
  app.all('*', ({ req, text }) => text(`application: ${req.method} ${req.path}`));
  const server = createServer(getRequestListener(app.fetch)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
});
