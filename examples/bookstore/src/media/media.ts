/** Where uploads are kept. A dyno's disk is empty again after each restart, hence the bucket. */
export interface Media {
  /** Resolves when the file is safe; a file of this name is replaced. */
  save(name: string, bytes: Uint8Array<ArrayBuffer>, type: string): Promise<void>;
  /** Undefined when there is no file of this name. */
  read(name: string): Promise<Buffer | undefined>;
}
