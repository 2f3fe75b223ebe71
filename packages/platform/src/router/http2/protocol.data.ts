/** Numbers of HTTP/2. @see RFC 9113 sections 6, 6.5.2 and 7 */
export const frameType = {
  data: 0,
  headers: 1,
  priority: 2,
  resetStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const flag = { endStream: 0x1, acknowledge: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

export const setting = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

export const errorCode = {
  none: 0,
  protocol: 1,
  internal: 2,
  flowControl: 3,
  streamClosed: 5,
  frameSize: 6,
  refusedStream: 7,
  cancel: 8,
  compression: 9,
  enhanceYourCalm: 11,
} as const;

export const clientPreface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
export const frameHeadBytes = 9;
/** The largest payload of a frame that both sides take unless they say otherwise. */
export const mostFrameBytes = 16_384;
/** What each side may send before the other has said more. */
export const firstWindowBytes = 65_535;
export const mostWindowBytes = 0x7f_ff_ff_ff;
