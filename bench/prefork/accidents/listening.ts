/** The app as pm2 and node:cluster run it: it listens by itself. */
import { server } from './app.ts';

const where = process.env.LISTEN ?? '';
if (where.startsWith('/')) server.listen(where);
else server.listen(Number(where), '127.0.0.1');
