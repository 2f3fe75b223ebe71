import { execFile } from 'node:child_process';
import type { PassedSocket } from './sockets.ts';

/** systemd passes sockets from this descriptor on. Source: sd_listen_fds(3). */
const firstPassedFd = 3;

/** The sockets that systemd opened for this very process; their variables are taken out of the environment. */
export const takeActivationSockets = (env: NodeJS.ProcessEnv): readonly PassedSocket[] => {
  const count = env.LISTEN_PID === String(process.pid) ? Number(env.LISTEN_FDS) : 0;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete env[name];
  if (!Number.isInteger(count) || count < 1) return [];
  return Array.from({ length: count }, (_, index) => ({
    bind: `fd://${firstPassedFd + index}`,
    fd: firstPassedFd + index,
  }));
};

/** Node has no datagrams on unix sockets: one of these sends them. The second is there where systemd's own tool is not. */
const senders: readonly (readonly [command: string, args: (lines: readonly string[]) => readonly string[]])[] = [
  ['systemd-notify', (lines) => lines],
  [
    'perl',
    (lines) => [
      '-MSocket',
      '-e',
      'my ($to, @lines) = @ARGV; $to =~ s/^@/\\0/; socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or exit 1;' +
        'defined send($s, join("\\n", @lines), 0, pack_sockaddr_un($to)) or exit 1',
      process.env.NOTIFY_SOCKET ?? '',
      ...lines,
    ],
  ],
];

const send = (command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<boolean> =>
  new Promise((resolve) => {
    execFile(command, args, { env, timeout: 5_000 }, (error) => resolve(error === null));
  });

/** Tells systemd (or whoever set NOTIFY_SOCKET) about this process; see sd_notify(3). The unit needs `NotifyAccess=all`. */
export interface Notifier {
  /** @param lines such as `READY=1`. */
  tell(...lines: string[]): Promise<void>;
  close(): void;
}

/** @param warn gets one line when nobody could be found to send. */
export const createNotifier = (warn: (text: string) => void): Notifier => {
  const env = { ...process.env };
  if (!env.NOTIFY_SOCKET) return { tell: () => Promise.resolve(), close: () => undefined };
  let sending: Promise<void> = Promise.resolve();
  const tell = (...lines: string[]): Promise<void> => {
    sending = sending.then(async () => {
      for (const [command, args] of senders) if (await send(command, args(lines), env)) return;
      warn(`could not tell systemd ${lines.join(' ')}: neither systemd-notify nor perl did it`);
    });
    return sending;
  };
  const watchdogMs = Number(env.WATCHDOG_USEC ?? 0) / 1_000;
  const timer = watchdogMs > 0 ? setInterval(() => void tell('WATCHDOG=1'), watchdogMs / 2) : undefined;
  return { tell, close: () => clearInterval(timer) };
};
