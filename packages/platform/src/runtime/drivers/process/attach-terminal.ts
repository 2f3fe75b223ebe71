import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import type { Terminal } from '../../driver.ts';
import { hangUpWith } from '../hang-up.ts';
import type { AttachOptions, Started } from './attach.ts';
import { isRoot } from './dyno-folder.ts';
import { writeRecord } from './dyno-record.ts';
import { readProcess } from './process-table.ts';
import { dynoEnvironment, type Launch, recordOf } from './spawn-shim.ts';

/** The argv that runs the command on a terminal; as root without root's groups, where the system can drop them. */
const commandLine = ({ spec, files }: Launch): readonly [string, ...string[]] => {
  const launch = [files.shell, files.launch, spec.command] as const;
  if (!isRoot || files.setpriv === undefined) return launch;
  const id = String(spec.uid);
  return [files.setpriv, '--reuid', id, '--regid', id, '--clear-groups', '--', ...launch];
};

/** Runs a dyno on a pseudo-terminal of its own. */
export const runInTerminal = async (options: AttachOptions, terminal: Terminal, started: Started): Promise<number> => {
  const { launch, stream } = options;
  const { spec, folder, files, limits, port } = launch;
  const [program, ...args] = commandLine(launch);
  limits.create(spec);
  const pty = spawn(program, args, {
    name: terminal.term,
    cols: terminal.columns,
    rows: terminal.rows,
    cwd: join(folder, 'app'),
    env: { ...dynoEnvironment(spec, folder, files.shell, port), TERM: terminal.term },
    // Bytes, not text: what a program writes need not be UTF-8.
    encoding: null,
    ...(isRoot && files.setpriv === undefined ? { uid: spec.uid, gid: spec.uid } : {}),
  });
  const { promise: exited, resolve } = Promise.withResolvers<number>();
  pty.onExit(({ exitCode, signal }) => resolve(signal === undefined || signal === 0 ? exitCode : 128 + signal));
  terminal.onResize?.(({ columns, rows }) => {
    try {
      pty.resize(columns, rows);
    } catch {
      // The program has just ended, and its terminal with it.
    }
  });
  pty.onData((data) => {
    // Cast: with encoding null the terminal hands out Buffers, which its types don't say.
    if (stream.destroyed || stream.write(data as unknown as Buffer)) return;
    pty.pause();
    stream.once('drain', () => pty.resume());
    stream.once('close', () => pty.resume());
  });
  // Cast: it takes bytes as they are, which its types don't say.
  const feed = (bytes: Buffer): void => pty.write(bytes as unknown as string);
  stream.on('data', feed);
  try {
    limits.join(spec.id, pty.pid);
    const record = recordOf(launch, pty.pid, { attached: true, kept: false });
    writeRecord(folder, record);
    const dyno = started(record);
    using _ = hangUpWith(options, (signal) => dyno.signal(signal));
    const code = await exited;
    dyno.observe();
    return code;
  } catch (error) {
    // A command may end before it could be limited or recorded; then its exit status is the answer.
    if (readProcess(pty.pid) === undefined) return await exited;
    pty.kill('SIGKILL');
    throw error;
  } finally {
    stream.off('data', feed);
  }
};
