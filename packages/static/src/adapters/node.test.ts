import { createServer, type RequestListener } from 'node:http';
import connect from 'connect';
import express from 'express';
import { connectStatic, handleStatic, type StaticFiles } from '../index.ts';
import { accelerate } from '../server/accelerate.ts';
import { listen } from '../testing.fixture.ts';
import { adapterCases } from './adapter-cases.fixture.ts';

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
