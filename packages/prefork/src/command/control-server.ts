import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { bindUnix } from '../bind.ts';
import { controlCommands } from './control-commands.ts';
import type { MasterProcess } from './master-process.ts';

const answer = async (master: MasterProcess, line: string): Promise<unknown> => {
  try {
    const request: unknown = JSON.parse(line);
    const name = typeof request === 'object' && request !== null && 'command' in request ? String(request.command) : '';
    const args = typeof request === 'object' && request !== null && 'args' in request ? request.args : [];
    const command = Object.hasOwn(controlCommands, name) ? controlCommands[name] : undefined;
    if (command === undefined) {
      return { error: `expected one of ${Object.keys(controlCommands).join(', ')}, got "${name}"` };
    }
    return { result: (await command.run(master, Array.isArray(args) ? args.map(String) : [])) ?? null };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
};

const ownerOnly = 0o600;
const bindTimeoutMs = 100;

/**
 * Answers `preforkctl`: each line is `{"command", "args"}`, each answer `{"result"}` or `{"error"}`.
 * @throws Error when the socket can't be made.
 */
export const openControl = async (
  path: string,
  master: MasterProcess,
): Promise<{ close(unlink: boolean): Promise<void> }> => {
  // Without the wait for another master that still listens there: a successor takes the name over.
  const held = await bindUnix(path, ownerOnly, bindTimeoutMs, master.isOneOfTwo);
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    createInterface({ input: socket }).on('line', (line) => {
      void answer(master, line).then((result) => socket.end(`${JSON.stringify(result)}\n`));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ fd: held.fd }, resolve);
  });
  return {
    close: (unlink) =>
      new Promise((resolve) => {
        if (unlink) rmSync(path, { force: true });
        server.close(() => resolve());
        // What was answered is with the system by now; a client that stays must not keep the master.
        for (const socket of sockets) socket.destroy();
      }),
  };
};
