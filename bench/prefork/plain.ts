/** The app without prefork: one process that listens by itself. */
import { server } from './app.ts';

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`serving on http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
});
