import { describeRedis } from '../support/servers.ts';
import { storeOutage } from './store-outage.ts';
import { newRedisStore } from './store-outage-steps.ts';

storeOutage('Redis', describeRedis, newRedisStore);
