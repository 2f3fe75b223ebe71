import { limits } from './limits.data.ts';
import type { Session } from './session.ts';

/** Longer than any user name and password that we make. */
const mostBytes = 1024;

/**
 * The first command has to be a `set` of whatever key whose value is `user password`, as memcached has it with `-Y`.
 * @returns as {@link Protocol} does.
 */
export const asciiLogin = (session: Session, line: string, input: Buffer, from: number, next: number): number => {
  const words = line.split(' ').filter((word) => word !== '');
  const [name, key = '', , , size = ''] = words;
  const length = Number(size);
  if (name !== 'set' || words.length !== 5 || key.length > limits.keyBytes || !/^\d{1,4}$/.test(size)) {
    return refuse(session, input, 'CLIENT_ERROR unauthenticated\r\n');
  }
  if (length > mostBytes) return refuse(session, input, 'CLIENT_ERROR authentication failure\r\n');
  const end = next + length + 2;
  if (end > input.length) return from - end;
  const text = input.toString('latin1', next, next + length);
  const space = text.indexOf(' ');
  const ends = input[end - 2] === 13 && input[end - 1] === 10;
  const login = ends && space > 0 ? session.tenants.login(text.slice(0, space), text.slice(space + 1)) : undefined;
  if (login === undefined) return refuse(session, input, 'CLIENT_ERROR authentication failure\r\n');
  if (!session.admit(login)) return refuse(session, input, 'SERVER_ERROR too many open connections\r\n');
  session.output.text('STORED\r\n');
  return end;
};

const refuse = (session: Session, input: Buffer, answer: string): number => {
  session.output.text(answer);
  session.close();
  return input.length;
};
