import { appId, type RouterSettings, snapshotOf, startRouter } from './router.fixture.ts';
import { VectorDyno } from './vector-dyno.fixture.ts';

/** The names that vectors use; both belong to the one app, so that whatever reaches a dyno is seen. */
export const testHosts = { shop: 'shop.test', other: 'other.test' };

/** A router for http and https in front of one strict dyno. */
export const startBench = async (timeouts: RouterSettings['timeouts'] = {}) => {
  const dyno = await VectorDyno.start();
  const hosts = { [testHosts.shop]: appId, [testHosts.other]: appId };
  const router = await startRouter(
    { ...snapshotOf([dyno.routed]), hosts },
    { timeouts, tlsFor: Object.values(testHosts) },
  );
  return {
    dyno,
    router,
    /** Requests and tunnels that the router counts on the dyno. */
    load: (): number =>
      router.table.findHost(testHosts.shop)?.targets.reduce((sum, target) => sum + target.load, 0) ?? 0,
    async [Symbol.asyncDispose]() {
      await router.close();
      await dyno[Symbol.asyncDispose]();
    },
  };
};

export type RouterUnderTest = Awaited<ReturnType<typeof startBench>>;
