import fastify from 'fastify';
import { accelerate, fastifyStatic } from '../index.ts';
import { adapterCases } from './adapter-cases.fixture.ts';

adapterCases('Fastify', async (files, context) => {
  const app = fastify();
  await app.register(fastifyStatic(files));
  app.setNotFoundHandler((request, reply) => reply.code(200).send(`application: ${request.method} ${request.url}`));
  context.after(() => app.close());
  return app.listen({ port: 0, host: '127.0.0.1' });
});

adapterCases('Fastify, accelerated', async (files, context) => {
  const app = fastify();
  await app.register(fastifyStatic(files));
  app.setNotFoundHandler((request, reply) => reply.code(200).send(`application: ${request.method} ${request.url}`));
  accelerate(app.server, files);
  context.after(() => app.close());
  return app.listen({ port: 0, host: '127.0.0.1' });
});
