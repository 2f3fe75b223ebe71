import type { Actor } from '../release/releases.ts';
import type { SignedInCall } from './endpoint.ts';

/** Who asks, as releases and builds note it. */
export const requester = (call: SignedInCall): Actor => ({ id: call.account.id, email: call.account.email });
