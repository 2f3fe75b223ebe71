import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { type ReceiveReply, type ReceiveRequest, type RefUpdate, receiveVariables } from '../receive-protocol.ts';

// Modes in order: read the refs from git, send one request to control, print what comes back, exit with the verdict.

const quarantineVariables = ['GIT_QUARANTINE_PATH', 'GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES'];

const readUpdates = async (): Promise<RefUpdate[]> => {
  const updates: RefUpdate[] = [];
  for await (const line of createInterface({ input: process.stdin })) {
    const [oldSha = '', newSha = '', ...ref] = line.split(' ');
    updates.push({ oldSha, newSha, ref: ref.join(' ') });
  }
  return updates;
};

const request = async (): Promise<ReceiveRequest> => ({
  repoFolder: process.cwd(),
  context: process.env[receiveVariables.context] ?? '',
  pusher: process.env[receiveVariables.pusher] ?? '',
  env: Object.fromEntries(
    quarantineVariables.flatMap((name) => {
      const value = process.env[name];
      return value ? [[name, value]] : [];
    }),
  ),
  updates: await readUpdates(),
});

const ask = async (): Promise<number> => {
  const socket = connect(process.env[receiveVariables.socket] ?? '');
  socket.on('error', () => {});
  socket.write(`${JSON.stringify(await request())}\n`);
  let output = false;
  try {
    for await (const line of createInterface({ input: socket })) {
      // Only control listens on this socket, and it writes nothing else.
      const reply = JSON.parse(line) as ReceiveReply;
      if ('verdict' in reply) return reply.verdict === 'accepted' ? 0 : 1;
      process.stderr.write(reply.output);
      output = true;
    }
  } catch {
    // The same as an early end: told below.
  }
  process.stderr.write(
    output
      ? '\n !     Ravine was restarted during this build. Push again.\n'
      : ' !     Ravine is not ready for pushes. Wait a moment, then push again.\n',
  );
  return 1;
};

// git may be gone before the build is over; its end is told by this process's own.
process.stderr.on('error', () => {});
process.exitCode = await ask();
process.stdin.destroy();
