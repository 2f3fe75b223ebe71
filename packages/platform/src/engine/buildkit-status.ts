/** A step of a build. */
export interface BuildVertex {
  readonly digest: string;
  /** `[build 2/5] RUN npm ci`. */
  readonly name: string;
  readonly cached: boolean;
  readonly started: boolean;
  readonly completed: boolean;
  readonly error: string;
}

/** What a step wrote. */
export interface BuildLog {
  /** The step's digest. */
  readonly vertex: string;
  readonly bytes: Buffer;
}

interface Field {
  readonly number: number;
  /** Bytes of a length-delimited field, else none. */
  readonly bytes: Buffer;
  /** Value of a varint field, else 0. */
  readonly value: number;
}

/** Walks over the fields of a message (Protocol Buffers, "Encoding"). */
const fieldsOf = function* (message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; at < message.length; factor *= 128) {
      const byte = message[at] ?? 0;
      at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
    }
    return value;
  };
  const none = Buffer.alloc(0);
  while (at < message.length) {
    const tag = varint();
    const [number, wireType] = [Math.floor(tag / 8), tag % 8];
    if (wireType === 0) yield { number, bytes: none, value: varint() };
    else if (wireType === 2) {
      const length = varint();
      yield { number, bytes: message.subarray(at, at + length), value: 0 };
      at += length;
    } else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else return;
  }
};

const readVertex = (message: Buffer): BuildVertex => {
  const vertex = { digest: '', name: '', cached: false, started: false, completed: false, error: '' };
  for (const { number, bytes, value } of fieldsOf(message)) {
    if (number === 1) vertex.digest = bytes.toString();
    else if (number === 3) vertex.name = bytes.toString();
    else if (number === 4) vertex.cached = value !== 0;
    else if (number === 5) vertex.started = true;
    else if (number === 6) vertex.completed = true;
    else if (number === 7) vertex.error = bytes.toString();
  }
  return vertex;
};

const readLog = (message: Buffer): BuildLog => {
  let log: BuildLog = { vertex: '', bytes: Buffer.alloc(0) };
  for (const { number, bytes } of fieldsOf(message)) {
    if (number === 1) log = { ...log, vertex: bytes.toString() };
    else if (number === 4) log = { ...log, bytes };
  }
  return log;
};

/** Reads BuildKit's StatusResponse, as the engine sends it in base64 with a build. */
export const readBuildStatus = (
  message: Buffer,
): { readonly vertices: readonly BuildVertex[]; readonly logs: readonly BuildLog[] } => {
  const fields = [...fieldsOf(message)];
  return {
    vertices: fields.filter(({ number }) => number === 1).map(({ bytes }) => readVertex(bytes)),
    logs: fields.filter(({ number }) => number === 3).map(({ bytes }) => readLog(bytes)),
  };
};
