import { closeSync, fstatSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { bind, bindUnix } from '../bind.ts';
import type { HeldSocket } from '../held-socket.ts';
import { parseBind } from '../settings/bind-address.ts';

/** A socket that another process opened for this one. */
export interface PassedSocket {
  /** The setting that it stands for. */
  readonly bind: string;
  readonly fd: number;
}

interface OpenSocket extends HeldSocket {
  readonly bind: string;
  /** File of a unix socket. */
  readonly path?: string;
}

const bindTimeoutMs = 3_000;

const adopt = (fd: number): HeldSocket => {
  let isSocket = false;
  try {
    isSocket = fstatSync(fd).isSocket();
  } catch {
    // Not open at all.
  }
  if (!isSocket)
    throw new Error(`expected descriptor ${fd} to be a socket that was passed to this process, but it is none`);
  return { fd, close: () => closeSync(fd) };
};

/** The sockets that the master holds for its workers, in the order of the setting. */
export class Sockets {
  #open: readonly OpenSocket[] = [];
  readonly #passed: PassedSocket[];

  /** @param passed is used up before anything is bound. */
  constructor(passed: readonly PassedSocket[]) {
    this.#passed = [...passed];
  }

  get fds(): readonly number[] {
    return this.#open.map(({ fd }) => fd);
  }

  /** To pass on to another master. */
  get passable(): readonly PassedSocket[] {
    return this.#open.map((socket) => ({ bind: socket.bind, fd: socket.fd }));
  }

  /** As people write addresses. */
  names(scheme: 'http' | 'https'): readonly string[] {
    return this.#open.map(({ bind: text, address }) => {
      if (address === undefined) return parseBind(text).kind === 'tcp' ? `${scheme}://${text}` : text;
      return `${scheme}://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
    });
  }

  /**
   * Opens what is wanted and not open yet. What is no longer wanted stays open until the returned `commit`;
   * `undo` closes what was opened.
   * @throws Error when one can't be opened; then nothing has changed.
   */
  async change(binds: readonly string[], mode: number): Promise<{ commit(): void; undo(): void }> {
    const before = this.#open;
    const free = [...before];
    const opened: OpenSocket[] = [];
    const take = async (text: string): Promise<OpenSocket> => {
      const at = free.findIndex((socket) => socket.bind === text);
      const [kept] = at >= 0 ? free.splice(at, 1) : [];
      if (kept !== undefined) return kept;
      const socket = await this.#openOne(text, mode);
      opened.push(socket);
      return socket;
    };
    const undo = (): void => {
      for (const socket of opened) this.#close(socket, true);
      this.#open = before;
    };
    try {
      const wanted: OpenSocket[] = [];
      for (const text of binds) wanted.push(await take(text));
      this.#open = wanted;
    } catch (error) {
      undo();
      throw error;
    }
    return {
      commit: () => {
        for (const socket of free) this.#close(socket, true);
      },
      undo,
    };
  }

  /** @param unlink removes the files of unix sockets: only for the last master that listens on them. */
  close(unlink: boolean): void {
    for (const socket of this.#open) this.#close(socket, unlink);
    this.#open = [];
  }

  #close(socket: OpenSocket, unlink: boolean): void {
    if (unlink && socket.path !== undefined) rmSync(socket.path, { force: true });
    socket.close();
  }

  async #openOne(text: string, mode: number): Promise<OpenSocket> {
    const address = parseBind(text);
    const path = address.kind === 'unix' ? { path: resolve(address.path) } : {};
    const at = this.#passed.findIndex((socket) => socket.bind === text);
    const [passed] = at >= 0 ? this.#passed.splice(at, 1) : [];
    if (passed !== undefined) return { bind: text, ...path, ...adopt(passed.fd) };
    if (address.kind === 'fd') return { bind: text, ...adopt(address.fd) };
    const held =
      address.kind === 'tcp'
        ? await bind(address.host, address.port, bindTimeoutMs)
        : await bindUnix(resolve(address.path), mode, bindTimeoutMs);
    return { bind: text, ...path, ...held };
  }
}
