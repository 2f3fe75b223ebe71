import { S3Error } from '../s3-error.ts';

const mostFieldBytes = 20 * 1024;
const mostFields = 100;

/** Fields of a form, by lower-case name, up to the file, and the file as it arrives. */
export interface FormUpload {
  readonly fields: ReadonlyMap<string, string>;
  readonly fileName: string;
  /** To be read to its end. */
  readonly file: AsyncGenerator<Buffer>;
}

const malformed = (why: string): S3Error =>
  new S3Error('MalformedPOSTRequest', `The body of your POST request is not well-formed multipart/form-data: ${why}.`);

/**
 * Reads a browser's form up to its field `file`; S3 takes no notice of what is behind it.
 * @throws S3Error MalformedPOSTRequest
 * @see RFC 7578
 */
export const readForm = async (contentType: string | undefined, source: AsyncIterable<Buffer>): Promise<FormUpload> => {
  const [, plain, inQuotes] =
    /^multipart\/form-data;.*\bboundary=(?:([^\s";]{1,70})|"([^"]{1,70})")/i.exec(contentType ?? '') ?? [];
  const boundary = plain ?? inQuotes;
  if (boundary === undefined) throw malformed('expected Content-Type multipart/form-data with a boundary');
  const input = new FormInput(source, Buffer.from(`\r\n--${boundary}`));
  await input.open();
  const fields = new Map<string, string>();
  for (;;) {
    const head = await input.head();
    const disposition = /^content-disposition:\s*form-data;(.*)$/im.exec(head)?.[1] ?? '';
    const [name, fileName] = ['name', 'filename'].map(
      (field) => new RegExp(`(?:^|[;\\s])${field}="([^"]*)"`, 'i').exec(disposition)?.[1],
    );
    if (name === undefined) throw malformed('a part has no name');
    if (name.toLowerCase() === 'file') return { fields, fileName: fileName ?? '', file: input.part() };
    if (fields.size === mostFields) throw malformed(`expected at most ${mostFields} fields`);
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of input.part()) {
      bytes += piece.length;
      if (bytes > mostFieldBytes)
        throw malformed(`the field ${name.slice(0, 50)} is longer than ${mostFieldBytes} bytes`);
      pieces.push(piece);
    }
    fields.set(name.toLowerCase(), Buffer.concat(pieces).toString('utf8'));
  }
};

/** Parts between delimiters, out of the pieces in which they arrive. */
class FormInput {
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #delimiter: Buffer;
  // The first delimiter has no line end before it.
  #rest: Buffer = Buffer.from('\r\n');

  constructor(source: AsyncIterable<Buffer>, delimiter: Buffer) {
    this.#pieces = source[Symbol.asyncIterator]();
    this.#delimiter = delimiter;
  }

  /** Reads over what is before the first part. */
  async open(): Promise<void> {
    for await (const _ of this.part());
  }

  /** The headers of the next part. */
  async head(): Promise<string> {
    for (;;) {
      if (this.#rest.length >= 2 && this.#rest.toString('latin1', 0, 2) === '--')
        throw malformed('it has no field "file"');
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end >= 0) {
        const head = this.#rest.toString('utf8', 0, end);
        this.#rest = this.#rest.subarray(end + 4);
        return head;
      }
      if (this.#rest.length > mostFieldBytes) throw malformed('the headers of a part are too long');
      await this.#more();
    }
  }

  /** What is before the next delimiter; what might be its beginning is kept back. */
  async *part(): AsyncGenerator<Buffer> {
    for (;;) {
      const end = this.#rest.indexOf(this.#delimiter);
      if (end >= 0) {
        if (end > 0) yield this.#rest.subarray(0, end);
        this.#rest = this.#rest.subarray(end + this.#delimiter.length);
        return;
      }
      const sure = this.#rest.length - this.#delimiter.length;
      if (sure > 0) {
        yield this.#rest.subarray(0, sure);
        this.#rest = this.#rest.subarray(sure);
      }
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const next = await this.#pieces.next();
    if (next.done === true) throw malformed('it ends too early');
    this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
  }
}
