import type { LoginLimits } from './logins.ts';

export interface ApiOptions {
  /** Requests an hour and account; Platform API reference, "Rate Limits". */
  readonly requestsPerHour?: number;
  readonly loginLimits?: LoginLimits;
  /** Whether there is a container engine for apps of stack `container`; never, unless told. */
  readonly hasContainerEngine?: () => boolean;
  /** Name of the one region. */
  readonly region?: string;
  /** Where sources uploaded for builds are kept for an hour; made when absent. */
  readonly sourcesFolder: string;
  readonly maxUploadBytes?: number;
  /** How long POST addons waits for the add-on to be there before it answers `provisioning`. */
  readonly provisionWaitMs?: number;
  readonly onFault: (error: unknown, requestId: string) => void;
}

/** Options with every default filled in. */
export type ApiSettings = Required<ApiOptions>;
