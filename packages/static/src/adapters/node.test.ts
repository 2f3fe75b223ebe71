import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { TestContext } from 'node:test';
import connect from 'connect';
import express from 'express';
import { connectStatic, handleStatic, type StaticFiles } from '../index.ts';
import { accelerate } from '../server/accelerate.ts';
import { adapterCases } from './adapter-cases.fixture.ts';

const listen = async (server: Server, context: TestContext): Promise<string> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
};

const application: RequestListener = (request, response) => {
  response.end(`application: ${request.method} ${request.url}`);
};

const plain =
  (files: StaticFiles): RequestListener =>
  (request, response) => {
    if (!handleStatic(files, request, response)) application(request, response);
  };

adapterCases('node:http', (files, context) => listen(createServer(plain(files)), context));

adapterCases('node:http, accelerated', (files, context) =>
  listen(accelerate(createServer(plain(files)), files), context),
);

adapterCases('Connect', (files, context) => {
  const app = connect();
  app.use(connectStatic(files));
  app.use(application);
  return listen(createServer(app), context);
});

adapterCases('Express', (files, context) => {
  const app = express();
  app.use(connectStatic(files));
  app.use(application);
  return listen(createServer(app), context);
});
