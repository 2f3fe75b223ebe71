/** For tests: looks after the forwards of ports, `DATA_FOLDER GATEWAY PORT...`, until it is killed. */
import { GatewayForwards } from './gateway-forwards.ts';

const [dataFolder = '', gateway = '', ...ports] = process.argv.slice(2);
new GatewayForwards({
  dataFolder,
  gateways: async () => [gateway],
  ports: async () => ports.map(Number),
  onFault: (error) => {
    throw error;
  },
});
setInterval(() => undefined, 1000);
