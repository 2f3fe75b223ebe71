/** A worker whose master was killed finishes what it can within this time. */
export const orphanLimitMs = 1_500;

/** If its main thread is stuck, the watching thread ends it this long after the master's end. */
export const stuckOrphanLimitMs = 1_800;
