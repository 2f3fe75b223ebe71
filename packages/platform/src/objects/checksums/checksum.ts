import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { crc32c } from './crc32c.ts';
import { Crc64Nvme } from './crc64-nvme.ts';

export const checksumAlgorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

/** A checksum that is kept with an object or a part. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; that of checksums of parts has `-N` behind it. */
  readonly value: string;
  readonly type: 'FULL_OBJECT' | 'COMPOSITE';
}

interface Running {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}

/** Bytes of a checksum, which tell a malformed one from a wrong one. */
export const checksumLengths: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

class Crc32 implements Running {
  #value = 0;
  readonly #carryOn: (bytes: Uint8Array, from: number) => number;

  constructor(carryOn: (bytes: Uint8Array, from: number) => number) {
    this.#carryOn = carryOn;
  }

  update(bytes: Uint8Array): void {
    this.#value = this.#carryOn(bytes, this.#value);
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#value);
    return bytes;
  }
}

/** A checksum to be given an object's bytes. */
export const startChecksum = (algorithm: ChecksumAlgorithm): Running => {
  switch (algorithm) {
    case 'CRC32':
      return new Crc32(crc32);
    case 'CRC32C':
      return new Crc32(crc32c);
    case 'CRC64NVME':
      return new Crc64Nvme();
    case 'SHA1':
    case 'SHA256':
      return createHash(algorithm);
  }
};

/** The checksum of an upload in parts that is made of those of its parts. @see Amazon S3 User Guide, "Checking object integrity" */
export const compositeChecksum = (algorithm: ChecksumAlgorithm, parts: readonly string[]): string => {
  const running = startChecksum(algorithm);
  for (const part of parts) running.update(Buffer.from(part, 'base64'));
  return `${running.digest().toString('base64')}-${parts.length}`;
};

/** `x-amz-checksum-crc32` */
export const checksumHeader = (algorithm: ChecksumAlgorithm): string => `x-amz-checksum-${algorithm.toLowerCase()}`;

/** `ChecksumCRC32` */
export const checksumElement = (algorithm: ChecksumAlgorithm): string => `Checksum${algorithm}`;

/** In any case; undefined where there is none of that name. */
export const findAlgorithm = (name: string): ChecksumAlgorithm | undefined =>
  checksumAlgorithms.find((algorithm) => algorithm === name.toUpperCase());
